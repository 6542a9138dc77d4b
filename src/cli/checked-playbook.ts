import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DiagnosticError } from '../core/diagnostic.ts';
import { BenchError } from '../core/errors.ts';
import { checkPlaybook } from '../engine/check/check-playbook.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { loadPlaybook } from '../playbook/load.ts';
import type { Playbook } from '../playbook/play.ts';
import { ownDirectory } from './files.ts';
import { moduleTable } from './module-table.ts';

/** A playbook with every template, condition and parameter checked against the inventory. Throws all that is wrong. */
export function readPlaybook(
  path: string,
  inventory: Inventory,
  extraVars: Readonly<Record<string, unknown>>,
): Playbook {
  const readFile = (file: string) => readFileSync(file, 'utf8');
  const { playbook, diagnostics } = loadPlaybook(path, { readFile, modules: moduleTable });
  if (!playbook || diagnostics.length > 0) throw new DiagnosticError(diagnostics);
  const mistakes = checkPlaybook(playbook, { inventory, modules: moduleTable, extraVars, readFile });
  if (mistakes.length > 0) throw new DiagnosticError(mistakes);
  return playbook;
}

/** A playbook of the laboratory: the current folder's own, else the one that comes with bench. */
export function labPlaybook(name: string): string {
  const own = join('playbooks', name);
  if (existsSync(own)) return own;
  const shipped = join(ownDirectory, 'playbooks', name);
  if (existsSync(shipped)) return relative('.', shipped);
  throw new BenchError('E_NO_FILE', `there is no playbook ${own}`);
}
