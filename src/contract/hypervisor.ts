import type { Answer, CommandAnswer, CommandProbe, Probe } from './probe.ts';

/** A guest as its hypervisor lists it. */
export interface GuestState {
  readonly name: string;
  readonly id: number;
  readonly memoryMib: number;
  readonly vcpus: number;
  readonly run: 'running' | 'paused' | 'suspended' | 'shutdown' | 'crashed' | 'dying' | 'rebooting';
  /** CPU time of all its vCPUs since it was made. */
  readonly cpuS: number;
  /** What a migration left behind here, and the name of the guest it belongs to. */
  readonly leftover?: { readonly of: string; readonly side: 'source' | 'destination' };
}

/** Moments that the toolstack tells of, in the order in which they come. */
export const MILESTONES = [
  'ready',
  'sending',
  'copying',
  'suspendRequested',
  'suspending',
  'suspended',
  'transferred',
  'acknowledged',
  'permitted',
  'starting',
  'running',
  'reported',
  'completed',
] as const;
export type MilestoneName = (typeof MILESTONES)[number];

export interface Milestone {
  readonly name: MilestoneName;
  /** Text that the toolstack writes; found anywhere in its output, since both ends write into one stream. */
  readonly text: string;
  /**
   * Who writes it. A line of the destination travels before the source sees it: it tells only that its moment has passed.
   */
  readonly writer: 'source' | 'destination';
}

/** Why a migration failed, in one line each. */
export interface FailureReading {
  readonly cause: string;
  /** Something that the reader can type or look at. */
  readonly hint?: string;
}

export interface MigrateOptions {
  readonly guest: string;
  readonly destination: string;
  readonly transport?: string;
}

/** What a hypervisor's toolstack can do for bench. One implementation a folder in `hypervisor/`. */
export interface HypervisorDriver {
  readonly name: 'xen' | 'kvm';
  /** Lists all guests of a host. */
  readonly listProbe: CommandProbe;
  /** Throws `BenchError` when the answer is no list. */
  readGuests(answer: CommandAnswer): readonly GuestState[];
  migrateArgv(options: MigrateOptions): readonly string[];
  readonly milestones: readonly Milestone[];
  /** Why a migration failed, from everything that the toolstack wrote. */
  readFailure(output: string, exitCode: number | undefined): FailureReading;
  /** Asked of the source: whether the stream's carrier reaches the destination without asking anybody anything. */
  transportProbe(options: MigrateOptions): CommandProbe;
  /** Undefined when it does. */
  readTransport(answer: CommandAnswer, options: MigrateOptions): string | undefined;
  /** What a host needs to take the guest, asked of the destination before anything moves. */
  preflightProbes(guest: PreflightGuest): readonly Probe[];
  /** Every reason why the destination could not take the guest; empty when it can. */
  readPreflight(answers: readonly Answer[], guest: PreflightGuest): readonly string[];
}

export interface PreflightGuest {
  readonly name: string;
  readonly memoryMib: number;
  readonly bridge: string;
  readonly disks: readonly string[];
}
