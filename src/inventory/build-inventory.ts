import type { HostName } from '../contract/host.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { suggest } from '../core/text.ts';
import type { Draft, DraftGroup, DraftHost } from './draft.ts';
import { type Hierarchy, hierarchyOf } from './hierarchy.ts';
import type { Group, Inventory, InventoryHost, Variable, VariableLayer, Variables } from './inventory.ts';
import { lintInventory } from './lint.ts';

/** What group_vars and host_vars say, by the name of the group or host. */
export interface VariableFiles {
  readonly groups: ReadonlyMap<string, Variables>;
  readonly hosts: ReadonlyMap<string, Variables>;
}

export const NO_FILES: VariableFiles = { groups: new Map(), hosts: new Map() };

/** An inventory with every problem that was found. It is as complete as the problems allow, also when there are some. */
export interface InventoryResult {
  readonly inventory: Inventory;
  readonly diagnostics: readonly Diagnostic[];
  /** What is legal and most likely not meant. */
  readonly warnings: readonly Diagnostic[];
}

const PRIORITY = 'ansible_group_priority';

export function buildInventory(
  draft: Draft,
  sources: ReadonlyMap<string, string>,
  files: VariableFiles,
): InventoryResult {
  const hierarchy = hierarchyOf(draft);
  const diagnostics = [...draft.diagnostics, ...undefinedGroups(draft), ...hierarchy.diagnostics];
  if (draft.hosts.size === 0 && diagnostics.length === 0) {
    const at = { file: draft.file, line: 1, column: 1 };
    const hint = 'write one host a line, below a heading such as [xen_hosts]';
    diagnostics.push({ code: 'E_INVENTORY_EMPTY', at, message: 'the inventory names no host', hint });
  }
  const priorities = new Map<string, number>();
  for (const group of draft.groups.values()) priorities.set(group.name, takePriority(group, diagnostics));
  const byStrength = [...draft.groups.keys()].sort(
    (a, b) =>
      (hierarchy.depth.get(a) ?? 0) - (hierarchy.depth.get(b) ?? 0) ||
      (priorities.get(a) ?? 1) - (priorities.get(b) ?? 1) ||
      (a < b ? -1 : 1),
  );
  const rank = new Map(byStrength.map((name, index) => [name, index]));
  const inventory: Inventory = {
    file: draft.file,
    hosts: hostsOf(draft, hierarchy, rank, files),
    groups: groupsOf(draft, hierarchy, files),
    sources,
  };
  return {
    inventory,
    diagnostics: diagnostics.toSorted(byPlace),
    warnings: [...draft.warnings, ...lintInventory(inventory, draft)].toSorted(byPlace),
  };
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  return (
    (a.at?.file ?? '').localeCompare(b.at?.file ?? '') ||
    (a.at?.line ?? 0) - (b.at?.line ?? 0) ||
    (a.at?.column ?? 0) - (b.at?.column ?? 0)
  );
}

function undefinedGroups({ groups }: Draft): Diagnostic[] {
  const known = [...groups.values()].filter(({ isDefined }) => isDefined).map(({ name }) => name);
  return [...groups.values()]
    .filter(({ isDefined }) => !isDefined)
    .map(({ name, at }) => ({
      code: 'E_INVENTORY_UNKNOWN_GROUP',
      at,
      message: `there is no group "${name}": no section [${name}] or [${name}:children] makes it`,
      hint: suggest(name, known),
    }));
}

/** Takes `ansible_group_priority` out of a group's variables, as Ansible does: it orders groups and is seen by no host. */
function takePriority(group: DraftGroup, diagnostics: Diagnostic[]): number {
  const variable = group.variables.get(PRIORITY);
  if (!variable) return 1;
  group.variables.delete(PRIORITY);
  if (typeof variable.value === 'number' && Number.isInteger(variable.value)) return variable.value;
  const message = `${PRIORITY} is a whole number, got ${JSON.stringify(variable.value)}`;
  diagnostics.push({ code: 'E_INVENTORY_PRIORITY', at: variable.at, message, hint: `${PRIORITY}=10` });
  return 1;
}

function groupsOf(draft: Draft, { children, depth }: Hierarchy, files: VariableFiles): Map<string, Group> {
  return new Map(
    [...draft.groups.values()].map(({ name, hosts, variables }): [string, Group] => [
      name,
      {
        name,
        hosts: name === 'ungrouped' ? ungrouped(draft) : [...hosts],
        children: children.get(name) ?? [],
        variables: merged([variables, files.groups.get(name) ?? new Map()]),
        depth: depth.get(name) ?? 1,
      },
    ]),
  );
}

/** A host that stands before all sections and again in a group is not ungrouped. */
function ungrouped(draft: Draft): HostName[] {
  const grouped = new Set<HostName>();
  for (const group of draft.groups.values()) {
    if (group.name !== 'ungrouped' && group.name !== 'all') for (const host of group.hosts) grouped.add(host);
  }
  const all = [...(draft.groups.get('ungrouped')?.hosts ?? []), ...(draft.groups.get('all')?.hosts ?? [])];
  return [...new Set(all)].filter((host) => !grouped.has(host));
}

function hostsOf(
  draft: Draft,
  { parents }: Hierarchy,
  rank: ReadonlyMap<string, number>,
  files: VariableFiles,
): Map<HostName, InventoryHost> {
  const direct = new Map<HostName, string[]>([...draft.hosts.keys()].map((name) => [name, []]));
  for (const group of draft.groups.values()) for (const host of group.hosts) direct.get(host)?.push(group.name);
  const shared = new Map<string, HostGroups>();
  const groupsFor = (names: readonly string[]): HostGroups => {
    const key = names.join(' ');
    const known = shared.get(key) ?? hostGroups(draft, names, parents, rank, files);
    shared.set(key, known);
    return known;
  };
  return new Map(
    [...draft.hosts.values()].map((host) => {
      const names = direct.get(host.name) ?? [];
      const real = names.filter((name) => name !== 'ungrouped' && name !== 'all');
      return [host.name, builtHost(host, groupsFor(real.length > 0 ? real : ['ungrouped']), files)];
    }),
  );
}

interface HostGroups {
  readonly groups: readonly string[];
  readonly layers: readonly VariableLayer[];
}

/** All groups above the named ones, weakest first, and what they say: the inventory file's words before group_vars. */
function hostGroups(
  draft: Draft,
  direct: readonly string[],
  parents: ReadonlyMap<string, readonly string[]>,
  rank: ReadonlyMap<string, number>,
  files: VariableFiles,
): HostGroups {
  const above = new Set(['all', ...direct]);
  for (const name of above) for (const parent of parents.get(name) ?? []) above.add(parent);
  const groups = [...above].sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0));
  const layers = [
    ...groups.map((name) => ({ owner: `group ${name}`, variables: draft.groups.get(name)?.variables ?? new Map() })),
    ...groups.map((name) => ({ owner: `group ${name}`, variables: files.groups.get(name) ?? new Map() })),
  ];
  return { groups: groups.filter((name) => name !== 'all'), layers: layers.filter(isSpeaking) };
}

function isSpeaking({ variables }: VariableLayer): boolean {
  return variables.size > 0;
}

function builtHost({ name, at, variables }: DraftHost, above: HostGroups, files: VariableFiles): InventoryHost {
  const own = [variables, files.hosts.get(name) ?? new Map<string, Variable>()];
  const layers = [
    ...above.layers,
    ...own.map((said) => ({ owner: `host ${name}`, variables: said })).filter(isSpeaking),
  ];
  return { name, at, groups: above.groups, variables: merged(layers.map((layer) => layer.variables)), layers };
}

function merged(layers: readonly Variables[]): Variables {
  return new Map(layers.flatMap((layer) => [...layer]));
}
