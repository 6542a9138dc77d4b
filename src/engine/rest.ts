import type { Entry, TaskEntry } from '../playbook/play.ts';
import type { Place } from './lockstep.ts';
import type { Layer } from './scope.ts';

/** What comes behind an entry on a host's way, in the order in which it is reached where nothing fails. */
export interface Rest {
  readonly entries: readonly Entry[];
  /** Index of the first of them that is still to come. */
  readonly from: number;
  /** Place of the list and the variables nearest to its entries. */
  readonly place: Place;
  readonly near: readonly Layer[];
  /** What comes behind the list; undefined where that cannot be told beforehand. */
  readonly next: Rest | undefined;
}

export interface UpcomingTask {
  readonly task: TaskEntry;
  readonly place: Place;
  readonly near: readonly Layer[];
}

/** The tasks to come, up to the first entry of which it is not known what it leads to. */
export function* upcomingTasks(rest: Rest | undefined): Generator<UpcomingTask> {
  for (let list = rest; list; list = list.next) {
    const isThrough = yield* tasksOf(list);
    if (!isThrough) return;
  }
}

function* tasksOf({ entries, from, place, near }: Rest): Generator<UpcomingTask, boolean> {
  for (let index = from; index < entries.length; index += 1) {
    const entry = entries[index];
    const own = [...place, index];
    if (entry?.kind === 'task') yield { task: entry, place: own, near };
    else if (entry?.kind === 'block') {
      const parts = [
        { entries: entry.block, from: 0, place: [...own, 0], near, next: undefined },
        { entries: entry.always, from: 0, place: [...own, 2], near, next: undefined },
      ];
      for (const part of parts) if (!(yield* tasksOf(part))) return false;
    } else return false;
  }
  return true;
}
