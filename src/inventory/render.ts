import type { HostName } from '../contract/host.ts';
import type { Inventory } from './inventory.ts';

/** All variables of a host by precedence, as a plain object. Empty for a host that the inventory does not have. */
export function hostVariables(inventory: Inventory, host: HostName): Record<string, unknown> {
  const variables = inventory.hosts.get(host)?.variables ?? new Map();
  return Object.fromEntries(
    [...variables].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { value }]) => [name, value]),
  );
}

/** What `ansible-inventory --list` prints, as data with sorted keys: groups that have anything, and `_meta.hostvars`. */
export function toAnsibleList(inventory: Inventory): Record<string, unknown> {
  const hostvars: [string, unknown][] = [];
  for (const host of sorted(inventory.hosts.keys())) {
    const variables = hostVariables(inventory, host);
    if (Object.keys(variables).length > 0) hostvars.push([host, variables]);
  }
  const groups: [string, unknown][] = [];
  for (const name of sorted(inventory.groups.keys())) {
    const { children = [], hosts = [] } = inventory.groups.get(name) ?? {};
    if (children.length === 0 && (hosts.length === 0 || name === 'all')) continue;
    groups.push([
      name,
      { ...(children.length > 0 && { children }), ...(name !== 'all' && hosts.length > 0 && { hosts }) },
    ]);
  }
  return { _meta: { hostvars: Object.fromEntries(hostvars) }, ...Object.fromEntries(groups) };
}

function sorted<T extends string>(names: Iterable<T>): T[] {
  return [...names].sort();
}

/** What `ansible-inventory --graph` prints for a group and everything below it. */
export function toGraph(inventory: Inventory, top = 'all'): string {
  const lines: string[] = [];
  // Own stack: a chain of groups may be longer than calls can be nested.
  const open: { readonly text: string; readonly depth: number; readonly group?: string }[] = [];
  const put = (group: string, depth: number) => open.push({ text: `@${group}:`, depth, group });
  put(top, 0);
  for (let item = open.pop(); item; item = open.pop()) {
    lines.push(item.depth === 0 ? item.text : `${'  |'.repeat(item.depth)}--${item.text}`);
    if (item.group === undefined) continue;
    const { children = [], hosts = [] } = inventory.groups.get(item.group) ?? {};
    if (item.group !== 'all') for (const host of hosts.toReversed()) open.push({ text: host, depth: item.depth + 1 });
    for (const child of children.toReversed()) put(child, item.depth + 1);
  }
  return `${lines.join('\n')}\n`;
}
