import type { Diagnostic, Position } from '../core/diagnostic.ts';
import type { Draft } from './draft.ts';

/** How the groups stand to each other, cycles broken. */
export interface Hierarchy {
  /** Children of every group; those of `all` are `ungrouped` and every group that nobody else names. */
  readonly children: ReadonlyMap<string, readonly string[]>;
  readonly parents: ReadonlyMap<string, readonly string[]>;
  /** Longest way from `all`, which is 0. */
  readonly depth: ReadonlyMap<string, number>;
  readonly diagnostics: readonly Diagnostic[];
}

interface Edge {
  readonly parent: string;
  readonly child: string;
  readonly at: Position;
}

/** Cycles that are told one by one; a file with more of them is not mended faster by a longer list. */
const MOST_CYCLES = 20;

const ALL_AS_CHILD = {
  message: 'all holds every group and is no child of one',
  hint: 'remove this line',
};

export function hierarchyOf({ groups }: Draft): Hierarchy {
  const diagnostics: Diagnostic[] = [];
  let edges: Edge[] = [];
  for (const group of groups.values()) {
    for (const [child, at] of group.children) {
      if (child !== 'all') edges.push({ parent: group.name, child, at });
      else diagnostics.push({ code: 'E_INVENTORY_CYCLE', at, ...ALL_AS_CHILD });
    }
  }
  for (let round = 0; ; round += 1) {
    const parents = parentsOf(edges);
    const order = topological(groups.keys(), edges, parents);
    const rest = new Set([...groups.keys()].filter((name) => !order.has(name)));
    if (rest.size === 0) return { ...linked([...groups.keys()], edges, order), diagnostics };
    const cycle = findCycle(rest, parents);
    const closing = edges.find((edge) => edge.parent === cycle.at(-2) && edge.child === cycle.at(-1));
    if (round < MOST_CYCLES && closing) {
      const message = `these groups contain each other: ${cycle.join(' > ')}`;
      const hint = `take ${closing.child} out of [${closing.parent}:children]`;
      diagnostics.push({ code: 'E_INVENTORY_CYCLE', at: closing.at, message, hint });
      edges = edges.filter((edge) => edge !== closing);
    } else edges = edges.filter((edge) => !rest.has(edge.parent) || !rest.has(edge.child));
  }
}

function parentsOf(edges: readonly Edge[]): Map<string, string[]> {
  const parents = new Map<string, string[]>();
  for (const { parent, child } of edges) parents.set(child, [...(parents.get(child) ?? []), parent]);
  return parents;
}

/** Depth of each group that hangs below no cycle. */
function topological(
  names: Iterable<string>,
  edges: readonly Edge[],
  parents: ReadonlyMap<string, readonly string[]>,
): Map<string, number> {
  const below = Map.groupBy(edges, ({ parent }) => parent);
  const waiting = new Map([...parents].map(([child, list]) => [child, list.length]));
  const depth = new Map<string, number>();
  const reached = new Map<string, number>();
  const ready = [...names].filter((name) => !waiting.has(name));
  for (let at = 0; at < ready.length; at += 1) {
    const name = ready[at] ?? '';
    const own = name === 'all' ? 0 : Math.max(1, reached.get(name) ?? 0);
    depth.set(name, own);
    for (const { child } of below.get(name) ?? []) {
      reached.set(child, Math.max(reached.get(child) ?? 0, own + 1));
      const left = (waiting.get(child) ?? 0) - 1;
      waiting.set(child, left);
      if (left === 0) ready.push(child);
    }
  }
  return depth;
}

/** Group names around one cycle, from parent to child, the first one again at the end. */
function findCycle(rest: ReadonlySet<string>, parents: ReadonlyMap<string, readonly string[]>): string[] {
  const trail = new Set<string>();
  let name = [...rest][0] ?? '';
  while (!trail.has(name)) {
    trail.add(name);
    name = parents.get(name)?.find((parent) => rest.has(parent)) ?? name;
  }
  const loop = [...trail].slice([...trail].indexOf(name)).reverse();
  const first = loop.toSorted()[0] ?? name;
  const turned = [...loop.slice(loop.indexOf(first)), ...loop.slice(0, loop.indexOf(first))];
  return [...turned, first];
}

function linked(names: readonly string[], edges: readonly Edge[], depth: ReadonlyMap<string, number>) {
  const children = new Map<string, string[]>(names.map((name) => [name, []]));
  const parents = new Map<string, string[]>(names.map((name) => [name, []]));
  const link = (parent: string, child: string) => {
    children.get(parent)?.push(child);
    parents.get(child)?.push(parent);
  };
  const named = new Set(edges.map(({ child }) => child));
  for (const name of names) if (name !== 'all' && !named.has(name)) link('all', name);
  for (const { parent, child } of edges) if (!children.get(parent)?.includes(child)) link(parent, child);
  return { children, parents, depth };
}
