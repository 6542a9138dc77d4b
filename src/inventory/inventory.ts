import type { HostName } from '../contract/host.ts';
import type { Position } from '../core/diagnostic.ts';

/** Variables of a host or group, each with the place that it was read from. */
export type Variables = ReadonlyMap<string, Variable>;

export interface Variable {
  readonly value: unknown;
  readonly at: Position;
}

/** What one place says about a host: a group's section, a group's file, the host's line, the host's file. */
export interface VariableLayer {
  /** For people: `group xen_hosts`, `host xen1`. */
  readonly owner: string;
  readonly variables: Variables;
}

export interface Group {
  readonly name: string;
  /** Hosts named directly in the group, in file order. */
  readonly hosts: readonly HostName[];
  readonly children: readonly string[];
  /** What the inventory and then group_vars say. */
  readonly variables: Variables;
  /** Distance from `all`; nearer groups give way to farther ones. */
  readonly depth: number;
}

export interface InventoryHost {
  readonly name: HostName;
  readonly at: Position;
  /** Every group that holds the host, also through children, without `all`; sorted as precedence goes, weakest first. */
  readonly groups: readonly string[];
  /** Everything that the inventory and its group_vars and host_vars say, by precedence. */
  readonly variables: Variables;
  /** Where `variables` come from, weakest first; layers that say nothing are left out. */
  readonly layers: readonly VariableLayer[];
}

/** A checked inventory. Always has the groups `all` and `ungrouped`. */
export interface Inventory {
  readonly file: string;
  /** In the order of their first appearance. */
  readonly hosts: ReadonlyMap<HostName, InventoryHost>;
  readonly groups: ReadonlyMap<string, Group>;
  readonly sources: ReadonlyMap<string, string>;
}
