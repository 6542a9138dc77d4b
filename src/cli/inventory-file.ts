import { DiagnosticError, formatDiagnostic } from '../core/diagnostic.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { loadInventory } from '../inventory/load-inventory.ts';
import { nodeFiles } from '../inventory/node-files.ts';
import { remark } from './write.ts';

/** The inventory of a file, checked. Throws what is wrong with it; what is only doubtful goes to standard error. */
export function readInventory(path: string): Inventory {
  const { inventory, diagnostics, warnings } = loadInventory(path, nodeFiles);
  if (diagnostics.length > 0) throw new DiagnosticError(diagnostics);
  for (const warning of warnings)
    remark(`warning: ${formatDiagnostic(warning, (file) => inventory.sources.get(file))}`);
  return inventory;
}
