import type { Entry, Play, Playbook, TaskEntry } from './play.ts';

/** Every task of an entry, those of blocks and of includes that are known included. */
export function tasksIn(entry: Entry): readonly TaskEntry[] {
  switch (entry.kind) {
    case 'task':
      return [entry];
    case 'block':
      return [...entry.block, ...entry.rescue, ...entry.always].flatMap(tasksIn);
    case 'include':
      return (entry.entries ?? []).flatMap(tasksIn);
    case 'meta':
      return [];
  }
}

/** Everything that a play's lists hold, outermost entries only, without handlers. */
export function entriesOf({ sections }: Play): readonly Entry[] {
  return [...sections.pre_tasks, ...sections.tasks, ...sections.post_tasks];
}

/** Every tag that stands in a playbook: what --tags and --skip-tags can name beside all, tagged, untagged, always, never. */
export function tagsIn({ plays }: Playbook): ReadonlySet<string> {
  const tags = new Set<string>();
  const visit = (entry: Entry): void => {
    if (entry.kind !== 'block') for (const tag of entry.attributes.tags) tags.add(tag);
    const inner = entry.kind === 'block' ? [...entry.block, ...entry.rescue, ...entry.always] : [];
    for (const child of entry.kind === 'include' ? (entry.entries ?? []) : inner) visit(child);
  };
  for (const play of plays) for (const entry of [...entriesOf(play), ...play.handlers]) visit(entry);
  return tags;
}
