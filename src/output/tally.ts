import type { RunEvent, RunResult } from '../contract/event.ts';
import type { Trial } from '../contract/trial.ts';

/** What the end of a run has to know about its course. */
export interface Tally {
  /** Different tasks that ended on any host. */
  readonly tasks: ReadonlySet<number>;
  readonly trials: readonly Trial[];
  /** Where each host stopped: task and place. */
  readonly stops: ReadonlyMap<string, string>;
  readonly mode: 'apply' | 'check';
  readonly hostCount: number;
}

export const EMPTY_TALLY: Tally = { tasks: new Set(), trials: [], stops: new Map(), mode: 'apply', hostCount: 0 };

export function addEvent(tally: Tally, event: RunEvent): Tally {
  switch (event.type) {
    case 'runStarted':
      return { ...tally, mode: event.mode, hostCount: event.hosts.length };
    case 'trialFinished':
      return { ...tally, trials: [...tally.trials, event.trial] };
    case 'taskFinished': {
      if (event.task.role === 'facts') return tally;
      const tasks = tally.tasks.has(event.task.id) ? tally.tasks : new Set([...tally.tasks, event.task.id]);
      const { outcome } = event;
      const isStop = (outcome.status === 'failed' || outcome.status === 'unreachable') && !outcome.isIgnored;
      const stops = isStop ? new Map([...tally.stops, [event.host, event.task.name]]) : tally.stops;
      return { ...tally, tasks, stops };
    }
    default:
      return tally;
  }
}

export type RunFinished = { readonly result: RunResult; readonly elapsedMs: number };
