import type { Facts } from '../contract/facts.ts';
import type { HostName } from '../contract/host.ts';
import type { ChangeRecord, Outcome, Tally } from '../contract/outcome.ts';
import { MISSED_MARK } from '../core/errors.ts';
import type { LayerValue } from './scope.ts';

/** What the engine knows of one host, for the whole run. */
export interface HostState {
  readonly host: HostName;
  /** `register` and `set_fact`. */
  readonly registered: Map<string, LayerValue>;
  readonly changes: ChangeRecord[];
  readonly tally: Record<keyof Tally, number>;
  /** Names of handlers that were notified and did not run yet. */
  readonly notified: Set<string>;
  facts: Facts | undefined;
  /** Why the host takes no more tasks. */
  end: 'failed' | 'unreachable' | undefined;
  /** Check mode: something would have changed, so later answers may not be what they would be. */
  hasPredicted: boolean;
  /** A measurement did not show what it had to show. */
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
    notified: new Set(),
    facts: undefined,
    end: undefined,
    hasPredicted: false,
    hasMissedMark: false,
    current: undefined,
  };
}

export function countOutcome(state: HostState, outcome: Outcome): void {
  const isIgnored = (outcome.status === 'failed' || outcome.status === 'unreachable') && outcome.isIgnored;
  state.tally[isIgnored ? 'ignored' : outcome.status] += 1;
  if (outcome.status === 'failed' && !isIgnored && outcome.failure.code === MISSED_MARK) state.hasMissedMark = true;
  if (outcome.status === 'changed') state.changes.push(...outcome.changes);
}
