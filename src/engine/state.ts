import type { Facts } from '../contract/facts.ts';
import type { HostName } from '../contract/host.ts';
import type { ChangeRecord, Outcome, Tally } from '../contract/outcome.ts';
import type { TaskEntry } from '../playbook/play.ts';
import { type Foresight, newForesight } from './foresight.ts';
import type { LayerValue } from './scope.ts';

/** What the engine knows of one host, for the whole run. */
export interface HostState {
  readonly host: HostName;
  /** `register` and `set_fact`. */
  readonly registered: Map<string, LayerValue>;
  readonly changes: ChangeRecord[];
  readonly tally: Record<keyof Tally, number>;
  /** Handlers of the play that were notified and did not run well yet, with the names that they have on this host. */
  readonly notified: Map<TaskEntry, string>;
  /** Names of handlers that an earlier run left; their play takes them over when it begins. */
  readonly inherited: Set<string>;
  readonly foresight: Foresight;
  facts: Facts | undefined;
  /** How often steps were sent to it: answers from before the last time are not counted on. */
  acts: number;
  /** Why the host takes no more tasks. */
  end: 'failed' | 'unreachable' | undefined;
  /** What stopped the host is a measurement that did not show what it had to show. */
  hasMissedMark: boolean;
  /** The task that the host is at. */
  current: string | undefined;
}

export function newHostState(host: HostName): HostState {
  const tally = { ok: 0, changed: 0, skipped: 0, unknown: 0, failed: 0, unreachable: 0, rescued: 0, ignored: 0 };
  return {
    host,
    registered: new Map(),
    changes: [],
    tally,
    notified: new Map(),
    inherited: new Set(),
    foresight: newForesight(),
    facts: undefined,
    acts: 0,
    end: undefined,
    hasMissedMark: false,
    current: undefined,
  };
}

export function countOutcome(state: HostState, outcome: Outcome): void {
  const isIgnored = (outcome.status === 'failed' || outcome.status === 'unreachable') && outcome.isIgnored;
  state.tally[isIgnored ? 'ignored' : outcome.status] += 1;
}
