import type { HostName } from '../contract/host.ts';
import { formatPosition } from '../core/diagnostic.ts';
import type { Inventory, Variable } from './inventory.ts';
import { isSecretName } from './secret-name.ts';

export interface Said extends Variable {
  /** `group xen_hosts`, `host xen1`. */
  readonly owner: string;
}

/** Where a host's variable comes from, and what it won over, strongest first. */
export interface ExplainedVariable extends Said {
  readonly name: string;
  readonly overridden: readonly Said[];
}

export function explainHost(inventory: Inventory, host: HostName): readonly ExplainedVariable[] {
  const said = new Map<string, Said[]>();
  for (const { owner, variables } of inventory.hosts.get(host)?.layers ?? []) {
    for (const [name, variable] of variables) said.set(name, [{ ...variable, owner }, ...(said.get(name) ?? [])]);
  }
  return [...said]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, [winner, ...overridden]]) => (winner ? [{ name, ...winner, overridden }] : []));
}

/** The explanation as text; values of variables that are named like secrets are not shown. */
export function renderExplanation(inventory: Inventory, host: HostName): string {
  const explained = explainHost(inventory, host);
  const groups = inventory.hosts.get(host)?.groups ?? [];
  const lines = [`${host}  in ${['all', ...groups].join(' < ')}`];
  for (const { name, overridden, ...winner } of explained) {
    lines.push(`  ${name} = ${shown(name, winner.value)}`, `      from ${place(winner)}`);
    for (const lost of overridden) lines.push(`      over ${place(lost)}: ${shown(name, lost.value)}`);
  }
  if (explained.length === 0) lines.push('  no variables');
  return `${lines.join('\n')}\n`;
}

function place({ at, owner }: Said): string {
  return `${formatPosition(at)}  (${owner})`;
}

function shown(name: string, value: unknown): string {
  return isSecretName(name) ? '********' : JSON.stringify(value);
}
