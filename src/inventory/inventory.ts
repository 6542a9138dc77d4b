import type { HostName } from '../contract/host.ts';
import type { Position } from '../core/diagnostic.ts';

/** Variables of a host or group, each with the place that it was read from. */
export type Variables = ReadonlyMap<string, Variable>;

export interface Variable {
  readonly value: unknown;
  readonly at: Position;
}

export interface Group {
  readonly name: string;
  /** Hosts named directly in the group, in file order. */
  readonly hosts: readonly HostName[];
  readonly children: readonly string[];
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
}

/** A checked inventory. Always has the groups `all` and `ungrouped`. */
export interface Inventory {
  readonly file: string;
  readonly hosts: ReadonlyMap<HostName, InventoryHost>;
  readonly groups: ReadonlyMap<string, Group>;
  readonly sources: ReadonlyMap<string, string>;
}
