import type { HostName } from '../contract/host.ts';
import { DiagnosticError } from '../core/diagnostic.ts';
import { suggest } from '../core/text.ts';
import type { EngineOptions } from '../engine/options.ts';
import { hostsOf } from '../engine/play.ts';
import type { Entry, Playbook } from '../playbook/play.ts';
import { entriesOf, tagsIn, tasksIn } from '../playbook/walk.ts';
import type { RunFlags } from './program.ts';
import { remark } from './write.ts';

/** Tags with a meaning of their own. */
const SPECIAL_TAGS: ReadonlySet<string> = new Set(['all', 'tagged', 'untagged', 'always', 'never']);

/**
 * Hosts that a run is about. What was typed must choose something: `--limit` that leaves no host and `--start-at-task`
 * that names no task are mistakes; a tag that stands nowhere is a warning. A task or tag can come with an include whose
 * file is not known yet: then nothing is said.
 */
export function checkSelection(options: EngineOptions, flags: RunFlags): ReadonlySet<HostName> {
  const { playbook } = options;
  const hosts = new Set(playbook.plays.flatMap((play) => hostsOf(play, options)));
  if (flags.limit !== undefined && hosts.size === 0) {
    const patterns = [...new Set(playbook.plays.map((play) => play.hosts.text))].join(', ');
    throw mistake('E_NO_HOSTS', `--limit "${flags.limit}" leaves no host`, `the plays are for: ${patterns}`);
  }
  if (isAllKnown(playbook)) {
    warnOfTags(playbook, [...options.tags, ...options.skipTags]);
    const start = options.startAtTask;
    const names = playbook.plays.flatMap((play) => entriesOf(play).flatMap(tasksIn)).map(({ name }) => name.text);
    if (start !== undefined && !names.includes(start)) {
      throw mistake('E_UNKNOWN_TASK', `--start-at-task: there is no task "${start}"`, suggest(start, new Set(names)));
    }
  }
  return hosts;
}

function warnOfTags(playbook: Playbook, asked: readonly string[]): void {
  const known = tagsIn(playbook);
  for (const tag of asked) {
    if (known.has(tag) || SPECIAL_TAGS.has(tag)) continue;
    const hint = known.size === 0 ? 'the playbook has no tags' : suggest(tag, known);
    remark(`warning: no task has the tag "${tag}"; ${hint}`);
  }
}

function isAllKnown({ plays }: Playbook): boolean {
  const isKnown = (entry: Entry): boolean => {
    if (entry.kind === 'include') return entry.entries?.every(isKnown) ?? false;
    return entry.kind !== 'block' || [...entry.block, ...entry.rescue, ...entry.always].every(isKnown);
  };
  return plays.every((play) => entriesOf(play).every(isKnown));
}

function mistake(code: string, message: string, hint: string): DiagnosticError {
  return new DiagnosticError([{ code, message, hint }]);
}
