import type { Entry, IncludeEntry, MetaEntry, Play, TaskEntry } from '../playbook/play.ts';
import { selectByTags } from '../playbook/tags.ts';
import { entriesOf } from '../playbook/walk.ts';
import type { Catalogue } from './catalogue.ts';
import type { EngineOptions } from './options.ts';

/** Which entries a run comes to at all: by tags, `--start-at-task`, `--step`. */
export interface Selection {
  /** The same without the question of `--step`. */
  isSelected(entry: TaskEntry | IncludeEntry | MetaEntry): boolean;
  isDue(entry: TaskEntry | IncludeEntry | MetaEntry): Promise<boolean>;
}

/** A question of `--step` is asked once for each task, whichever host comes first, and one after the other. */
export function createSelection(options: EngineOptions, catalogue: Catalogue): Selection {
  const { confirm } = options;
  const answers = new Map<TaskEntry, Promise<boolean>>();
  let asksNoMore = confirm === undefined;
  let last: Promise<unknown> = Promise.resolve();

  const ask = async (task: TaskEntry): Promise<boolean> => {
    if (asksNoMore || !confirm) return true;
    const answer = await confirm(task);
    if (answer === 'runAll') asksNoMore = true;
    return answer !== 'skip';
  };
  const isSelected = (entry: TaskEntry | IncludeEntry | MetaEntry): boolean =>
    selectByTags(entry.attributes.tags, options) && !catalogue.isBeforeStart(entry);
  return {
    isSelected,
    async isDue(entry) {
      if (!isSelected(entry)) return false;
      if (entry.kind !== 'task' || asksNoMore) return true;
      const answer = answers.get(entry) ?? last.then(() => ask(entry));
      answers.set(entry, answer);
      last = answer;
      return answer;
    },
  };
}

/** How many tasks of a play are selected by their tags, as far as that is known before it runs. */
export function countSelected(play: Play, options: Pick<EngineOptions, 'tags' | 'skipTags'>): number {
  const sum = (entries: readonly Entry[]): number => entries.reduce((total, entry) => total + count(entry), 0);
  const count = (entry: Entry): number => {
    switch (entry.kind) {
      case 'task':
        return selectByTags(entry.attributes.tags, options) ? 1 : 0;
      case 'block':
        return sum([...entry.block, ...entry.always]);
      case 'include':
        return selectByTags(entry.attributes.tags, options) ? sum(entry.entries ?? []) : 0;
      case 'meta':
        return 0;
    }
  };
  return sum(entriesOf(play));
}
