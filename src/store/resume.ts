import type { TimedEvent } from '../contract/event-line.ts';
import type { HostName } from '../contract/host.ts';
import { BenchError } from '../core/errors.ts';
import type { RunId } from './run-id.ts';
import type { Digests, RunStore, StoredRun } from './run-store.ts';

/** What an earlier run has done, for the run that goes on from it. */
export interface ResumePoint {
  readonly run: RunId;
  /**
   * Whether the task need not run again. A task that is met several times (an include in a loop) is asked for as often;
   * the answers follow the order in which it ran.
   */
  isDone(host: HostName, task: TaskPlace): boolean;
  readonly pendingHandlers: ReadonlyMap<HostName, readonly string[]>;
}

export interface TaskPlace {
  readonly name: string;
  readonly at: { readonly file: string; readonly line: number };
}

function keyOf(host: HostName, { name, at }: TaskPlace): string {
  return JSON.stringify([host, at.file, at.line, name]);
}

/**
 * What the tasks of a run came to, by host, place and name, in the order in which they ended: done is what was ok or
 * changed. What was skipped is not done: its condition may have another answer now.
 */
export function completedTasks(events: readonly TimedEvent[]): Map<string, boolean[]> {
  const ended = new Map<string, boolean[]>();
  for (const { event } of events) {
    if (event.type !== 'taskFinished' || event.task.role !== 'task') continue;
    const key = keyOf(event.host, event.task);
    const isDone = event.outcome.status === 'ok' || event.outcome.status === 'changed';
    ended.set(key, [...(ended.get(key) ?? []), isDone]);
  }
  return ended;
}

/** Handlers that were notified and have not run well since, by host. `before` is what an earlier run left. */
export function pendingHandlers(
  events: readonly TimedEvent[],
  before: ReadonlyMap<HostName, readonly string[]> = new Map(),
): Map<HostName, string[]> {
  const pending = new Map<HostName, Set<string>>([...before].map(([host, names]) => [host, new Set(names)]));
  for (const { event } of events) {
    if (event.type === 'handlersNotified') {
      pending.set(event.host, new Set([...(pending.get(event.host) ?? []), ...event.handlers]));
    } else if (event.type === 'taskFinished' && event.task.role === 'handler') {
      const { status } = event.outcome;
      if (status !== 'failed' && status !== 'unreachable') pending.get(event.host)?.delete(event.task.name);
    }
  }
  return new Map([...pending].filter(([, names]) => names.size > 0).map(([host, names]) => [host, [...names]]));
}

/**
 * Where to go on. `chain` holds the runs that were resumed one from the other, oldest first. Tasks of a file that has
 * changed since are not done: nobody can tell which of its lines is which.
 */
export function resumePoint(chain: readonly StoredRun[], digests: Digests): ResumePoint {
  const last = chain.at(-1);
  if (!last) throw new TypeError('a run is resumed from at least one run');
  const done = new Map<string, boolean[]>();
  let pending = new Map<HostName, string[]>();
  for (const { record, events } of chain) {
    const isSame = (file: string) => record.playbook.digests[file] === digests[file];
    for (const [key, ended] of completedTasks(
      events.filter(({ event }) => event.type !== 'taskFinished' || isSame(event.task.at.file)),
    )) {
      // A resumed run passes over what was done before it, so its own endings follow the done ones of the chain.
      done.set(key, [...(done.get(key) ?? []).filter(Boolean), ...ended]);
    }
    pending = pendingHandlers(events, pending);
  }
  const met = new Map<string, number>();
  return {
    run: last.record.id,
    isDone(host, task) {
      const key = keyOf(host, task);
      const index = met.get(key) ?? 0;
      met.set(key, index + 1);
      return done.get(key)?.[index] ?? false;
    },
    pendingHandlers: pending,
  };
}

/** The last run of the same playbook and inventory that was meant to change hosts, with those it was resumed from. */
export function findResumable(store: RunStore, playbook: string, inventory: string): readonly StoredRun[] {
  const found = store
    .list()
    .find(
      ({ record }) =>
        record.mode === 'apply' && record.playbook.file === playbook && record.inventory.file === inventory,
    );
  if (!found) {
    throw new BenchError('E_NO_RUN', `no run of ${playbook} with ${inventory} can be resumed`, {
      hint: 'leave --resume out',
    });
  }
  if (found.result?.status === 'done') {
    throw new BenchError('E_RUN_DONE', `run ${found.record.id} was done: nothing is left to resume`, {
      hint: 'leave --resume out',
    });
  }
  const chain: StoredRun[] = [];
  for (let id: RunId | undefined = found.record.id; id !== undefined; id = chain[0]?.record.resumedFrom) {
    if (chain.some(({ record }) => record.id === id)) break;
    chain.unshift(store.read(id));
  }
  return chain;
}
