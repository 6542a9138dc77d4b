import type { ActionHost } from './module.ts';
import type { Trial } from './trial.ts';

/** One migration to run and to measure. */
export interface MigrationRequest {
  readonly kind: 'smoke' | 'benchmark';
  /** Name of the group of trials that are summed up together. */
  readonly series: string;
  readonly hypervisor: 'xen' | 'kvm';
  readonly guest: string;
  /** The guest's IPv4 address, without prefix length. */
  readonly guestAddress: string;
  readonly guestMemoryMib: number;
  /** Bridge that the guest's interface joins. */
  readonly bridge: string;
  /** Block devices of the guest, as both hosts name them. */
  readonly disks: readonly string[];
  readonly source: string;
  readonly destination: string;
  /** How the source reaches the destination: a name or an address. */
  readonly destinationAddress: string;
  readonly observer: string;
  /** UDP port on the observer to which the guest sends its heartbeat. */
  readonly heartbeatPort: number;
  /** Time between two echo requests of the observer. */
  readonly spacingMs: number;
  /** Command that carries the stream, in place of the toolstack's own ssh call. */
  readonly transport?: string;
  readonly bandwidthMibPerS?: number;
  readonly limitMs: number;
  readonly conditions: Readonly<Record<string, string | number>>;
}

/** Runs the migration and measures it. `hosts` gives a host by its name in the inventory. */
export type MeasureMigration = (
  request: MigrationRequest,
  hosts: (name: string) => ActionHost,
  signal: AbortSignal,
) => Promise<Trial>;
