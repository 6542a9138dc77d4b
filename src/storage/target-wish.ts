import type { Chap } from './chap.ts';
import type { Iqn } from './iqn.ts';
import type { Portal } from './portal.ts';

/** A file behind a LUN. */
export interface WantedBackstore {
  readonly name: string;
  readonly path: string;
  readonly sizeMib: number;
}

export interface WantedLun {
  readonly number: number;
  readonly backstore: WantedBackstore;
}

export interface WantedAcl {
  readonly initiator: Iqn;
  readonly chap: Chap | undefined;
}

/** What a target is to be. Numbers are explicit: by-path names on the initiators follow from them. */
export interface WantedTarget {
  readonly name: Iqn;
  readonly luns: readonly WantedLun[];
  readonly portals: readonly Portal[];
  readonly acls: readonly WantedAcl[];
  /** Attributes of the portal group beside the two that follow from the ACLs. */
  readonly attributes?: Readonly<Record<string, number>>;
  /** LUNs, ACLs and portals that are not wanted: whether they go. An ACL that stays lets its initiator in. */
  readonly surplus: 'keep' | 'remove';
}

/** Authentication is demanded as soon as one initiator has a password; unknown initiators are never let in. */
export function wantedAttributes({ acls, attributes = {} }: WantedTarget): Readonly<Record<string, number>> {
  const authentication = acls.some(({ chap }) => chap !== undefined) ? 1 : 0;
  return { authentication, generate_node_acls: 0, ...attributes };
}
