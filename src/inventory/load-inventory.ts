import { dirname, join } from 'node:path';
import { buildInventory, type InventoryResult } from './build-inventory.ts';
import { newDraft } from './draft.ts';
import type { InventoryFiles } from './files.ts';
import { readDraft } from './read-draft.ts';
import { readText } from './read-text.ts';
import { type Reading, readVariableFiles } from './variable-files.ts';

/** Reads an inventory with the `group_vars` and `host_vars` beside it. Every problem of every file is in the result. */
export function loadInventory(path: string, files: InventoryFiles): InventoryResult {
  const read = readText(files, path);
  if (read.kind === 'fault') {
    const { inventory } = buildInventory(newDraft(path), new Map(), { groups: new Map(), hosts: new Map() });
    return { inventory, diagnostics: [read.diagnostic], warnings: [] };
  }
  const draft = readDraft(read.text, path);
  const reading: Reading = {
    files,
    sources: new Map([[path, read.text]]),
    diagnostics: draft.diagnostics,
    warnings: draft.warnings,
  };
  const beside = (name: string) => join(dirname(path), name);
  const groups = readVariableFiles(reading, beside('group_vars'), new Set(draft.groups.keys()));
  const hosts = readVariableFiles(reading, beside('host_vars'), new Set(draft.hosts.keys()));
  return buildInventory(draft, reading.sources, { groups, hosts });
}
