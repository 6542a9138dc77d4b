import type { EngineOptions } from '../engine/options.ts';
import { hostsOf } from '../engine/play.ts';
import type { Entry } from '../playbook/play.ts';
import { selectByTags } from '../playbook/tags.ts';
import type { RunFlags } from './program.ts';

/** What `--list-hosts`, `--list-tasks` and `--list-tags` print. */
export function renderListing(options: EngineOptions, flags: RunFlags): string {
  const lines: string[] = [];
  for (const [index, play] of options.playbook.plays.entries()) {
    lines.push(`play ${index + 1}: ${play.name}  (${play.hosts.text})`);
    if (flags.listHosts) lines.push(...hostsOf(play, options).map((host) => `    ${host}`));
    const entries = Object.values(play.sections).flat();
    if (flags.listTasks) lines.push(...entries.flatMap((entry) => taskLines(entry, options)));
    if (flags.listTags) lines.push(`    tags: ${[...new Set(entries.flatMap(tagsOf))].sort().join(', ') || 'none'}`);
  }
  return lines.join('\n');
}

function taskLines(entry: Entry, options: EngineOptions): string[] {
  const chosen = (tags: readonly string[]) => selectByTags(tags, { tags: options.tags, skipTags: options.skipTags });
  switch (entry.kind) {
    case 'task': {
      if (!chosen(entry.attributes.tags)) return [];
      const tags = entry.attributes.tags.length > 0 ? `  [${entry.attributes.tags.join(', ')}]` : '';
      return [`    ${entry.name.text}${tags}`];
    }
    case 'block':
      return [...entry.block, ...entry.rescue, ...entry.always].flatMap((inner) => taskLines(inner, options));
    case 'include':
      return entry.entries?.flatMap((inner) => taskLines(inner, options)) ?? [`    include ${entry.file.text}`];
    case 'meta':
      return [];
  }
}

function tagsOf(entry: Entry): readonly string[] {
  switch (entry.kind) {
    case 'block':
      return [...entry.block, ...entry.rescue, ...entry.always].flatMap(tagsOf);
    case 'include':
      return [...entry.attributes.tags, ...(entry.entries ?? []).flatMap(tagsOf)];
    default:
      return entry.attributes.tags;
  }
}
