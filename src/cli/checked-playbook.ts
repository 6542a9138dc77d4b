import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Diagnostic, DiagnosticError } from '../core/diagnostic.ts';
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
  if (!playbook) throw new DiagnosticError(diagnostics);
  const mistakes = [
    ...diagnostics,
    ...checkPlaybook(playbook, { inventory, modules: moduleTable, extraVars, readFile }),
  ];
  if (mistakes.length > 0) throw new DiagnosticError(inReadingOrder(mistakes, [...playbook.sources.keys()]));
  return playbook;
}

function inReadingOrder(mistakes: readonly Diagnostic[], files: readonly string[]): readonly Diagnostic[] {
  const place = ({ at }: Diagnostic) => (at ? [files.indexOf(at.file), at.line, at.column] : [-1, 0, 0]);
  return mistakes.toSorted((a, b) => {
    const [before, after] = [place(a), place(b)];
    const differing = before.findIndex((value, index) => value !== after[index]);
    return (before[differing] ?? 0) - (after[differing] ?? 0);
  });
}

/** A playbook of the laboratory: the current folder's own, else the one that comes with bench. */
export function labPlaybook(name: string): string {
  const own = join('playbooks', name);
  if (existsSync(own)) return own;
  const shipped = join(ownDirectory, 'playbooks', name);
  if (existsSync(shipped)) return relative('.', shipped);
  throw new BenchError('E_NO_FILE', `there is no playbook ${own}`);
}
