import type { Interval } from '../core/interval.ts';

/** A measured figure, or why there is none. Milliseconds. */
export type Figure =
  | { readonly kind: 'captured'; readonly ms: Interval }
  | { readonly kind: 'missing'; readonly reason: string };

export const STAGES = [
  'pre-migration',
  'reservation',
  'pre-copy',
  'stop-and-copy',
  'commitment',
  'activation',
] as const;
export type StageName = (typeof STAGES)[number];

/** One of the six stages, on the source's clock, in milliseconds after the start of the migrate command. */
export interface Stage {
  readonly name: StageName;
  readonly begin: Interval;
  readonly end: Interval;
}

/** Something that cannot be, or that explains a figure: `network gap 30 s above pause: STP on br0`. */
export interface GateFinding {
  readonly code: string;
  readonly severity: 'impossible' | 'suspicious' | 'note';
  readonly message: string;
}

/** A property of the migrated guest that was checked: same boot, same addresses, disk intact, heartbeat continuous. */
export interface Proof {
  readonly name: string;
  readonly isHeld: boolean;
  readonly evidence: string;
}

export type TrialVerdict =
  | { readonly kind: 'captured' }
  | { readonly kind: 'missed'; readonly reasons: readonly string[] }
  /** The toolstack said that it failed; the guest runs where `evidence` says. */
  | { readonly kind: 'migrationFailed'; readonly reason: string; readonly evidence: string }
  /** The guest does not answer after the switch. Never averaged. */
  | { readonly kind: 'guestLost'; readonly evidence: string };

/** One measured migration, as plain data: one line of trials.jsonl. */
export interface Trial {
  readonly id: string;
  readonly series: string;
  readonly kind: 'smoke' | 'benchmark';
  readonly guest: string;
  readonly source: string;
  readonly destination: string;
  readonly observer: string;
  /** ISO 8601, the controller's clock; for records only. */
  readonly startedAt: string;
  /** Everything that bears on the figures: memory, vCPUs, cap, dirtying, transport, cipher, versions. */
  readonly conditions: Readonly<Record<string, string | number>>;
  readonly figures: {
    readonly total_ms: Figure;
    readonly pause_ms: Figure;
    readonly network_ms: Figure;
    readonly guest_ms: Figure;
    /** The longest silence of the whole window, where it is not the one that holds the switch. */
    readonly longest_network_ms: Figure;
  };
  readonly stages: readonly Stage[];
  readonly findings: readonly GateFinding[];
  readonly proofs: readonly Proof[];
  readonly verdict: TrialVerdict;
  /** Name of the raw samples' file in the run's `samples/`. */
  readonly samples: string;
}
