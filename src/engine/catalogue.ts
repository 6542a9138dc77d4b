import type { TaskIdentity } from '../contract/event.ts';
import { DiagnosticError } from '../core/diagnostic.ts';
import { suggest } from '../core/text.ts';
import type { Entry, IncludeEntry, MetaEntry, Playbook, TaskEntry } from '../playbook/play.ts';
import { entriesOf } from '../playbook/walk.ts';

/** Numbers of everything that a run may come to. */
export interface Catalogue {
  /** Stable within a run: every host that comes to the entry gives the same. */
  identify(entry: TaskEntry | IncludeEntry | MetaEntry, role: TaskIdentity['role']): TaskIdentity;
  /**
   * Whether an entry, with all that it includes, stands before the task to start at. Handlers never do, nor do tasks of
   * a file whose name was not known before: their include would not have been entered.
   */
  isBeforeStart(entry: Entry): boolean;
}

/** Numbers tasks in the order of the files. Throws `DiagnosticError` when there is no task of the name to start at. */
export function createCatalogue({ plays }: Playbook, startAtTask: string | undefined): Catalogue {
  const ids = new Map<Entry, number>();
  /** Where an entry stands among all of the playbook. */
  const places = new Map<Entry, number>();
  const names = new Map<string, number>();

  const idOf = (entry: Entry): number => {
    const id = ids.get(entry) ?? ids.size + 1;
    ids.set(entry, id);
    return id;
  };
  const take = (entry: Entry): void => {
    if (entry.kind === 'task') {
      idOf(entry);
      if (!names.has(entry.name.text)) names.set(entry.name.text, places.size);
    }
    places.set(entry, places.size);
    for (const inner of innerOf(entry)) take(inner);
  };
  for (const play of plays) {
    for (const entry of entriesOf(play)) take(entry);
    for (const handler of play.handlers) idOf(handler);
  }
  const start = startAtTask === undefined ? undefined : names.get(startAtTask);
  if (startAtTask !== undefined && start === undefined) {
    const message = `there is no task "${startAtTask}" to start at`;
    throw new DiagnosticError([{ code: 'E_UNKNOWN_TASK', message, hint: suggest(startAtTask, names.keys()) }]);
  }

  const lastPlace = (entry: Entry): number =>
    Math.max(places.get(entry) ?? Number.POSITIVE_INFINITY, ...innerOf(entry).map(lastPlace));

  return {
    identify(entry, role) {
      const { at } = entry;
      const id = idOf(entry);
      switch (entry.kind) {
        case 'task':
          return { id, name: entry.name.text, module: entry.module, at, role };
        case 'include':
          return { id, name: entry.name.text, module: 'include_tasks', at, role };
        case 'meta':
          return { id, name: `meta: ${entry.action}`, module: 'meta', at, role };
      }
    },
    isBeforeStart: (entry) => start !== undefined && lastPlace(entry) < start,
  };
}

function innerOf(entry: Entry): readonly Entry[] {
  switch (entry.kind) {
    case 'block':
      return [...entry.block, ...entry.rescue, ...entry.always];
    case 'include':
      return entry.entries ?? [];
    default:
      return [];
  }
}
