import type { HostName } from '../contract/host.ts';
import { DiagnosticError } from '../core/diagnostic.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { selectHosts } from '../inventory/pattern.ts';

/** Hosts that a pattern of the command line names. Throws when it names none. */
export function chooseHosts(inventory: Inventory, pattern: string): readonly HostName[] {
  const { hosts, diagnostics } = selectHosts(inventory, pattern);
  if (diagnostics.length > 0) throw new DiagnosticError(diagnostics);
  if (hosts.length > 0) return hosts;
  const hint = `bench inventory ${inventory.file} --graph`;
  throw new DiagnosticError([{ code: 'E_NO_HOSTS', message: `the pattern "${pattern}" names no host`, hint }]);
}
