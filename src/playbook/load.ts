import { posix } from 'node:path';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Entry, IncludeEntry, Playbook } from './play.ts';
import { ProblemList } from './problems.ts';
import { readEntries } from './read-entries.ts';
import { OUTERMOST, readPlays } from './read-play.ts';
import { type LoadOptions, parseFile, type Reading, readOrReason } from './reading.ts';

export interface LoadedPlaybook {
  /** As far as it could be read: to be run only when there are no diagnostics. Undefined when its file cannot be read. */
  readonly playbook: Playbook | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a playbook with everything that it takes in by a literal name. Never throws for what stands in files: all
 * problems of all files come at once. `path` is how diagnostics name the file.
 */
export function loadPlaybook(path: string, options: LoadOptions): LoadedPlaybook {
  const reading = newReading(options);
  const text = readOrReason(path, reading);
  if (text.kind !== 'text') return { playbook: undefined, diagnostics: [noFile(path, text)] };
  const node = parseFile(path, text.text, reading);
  const isBroken = reading.problems.sorted([path]).length > 0 && node === undefined;
  const plays = isBroken ? [] : readPlays(node, { file: path, chain: [posix.normalize(path)], ...OUTERMOST }, reading);
  return {
    playbook: { plays, sources: reading.sources },
    diagnostics: reading.problems.sorted(reading.sources.keys()),
  };
}

export interface LoadedTasks {
  readonly entries: readonly Entry[] | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: ReadonlyMap<string, string>;
}

/** Reads a file of tasks for an include whose name was not known before; `include` hands down what stands around it. */
export function loadTasks(
  path: string,
  options: LoadOptions,
  include: Pick<IncludeEntry, 'inherited' | 'directory'>,
): LoadedTasks {
  const reading = newReading(options);
  const { sources } = reading;
  const text = readOrReason(path, reading);
  if (text.kind !== 'text') return { entries: undefined, diagnostics: [noFile(path, text)], sources };
  const node = parseFile(path, text.text, reading);
  const { inherited: attributes, directory: playDirectory } = include;
  const entries = readEntries(node, { file: path, playDirectory, chain: [path], attributes, role: 'task' }, reading);
  return { entries, diagnostics: reading.problems.sorted(sources.keys()), sources };
}

function newReading(options: LoadOptions): Reading {
  return { ...options, problems: new ProblemList(), sources: new Map(), parsed: new Map(), followed: { count: 0 } };
}

function noFile(
  path: string,
  why: { readonly kind: 'absent' } | { readonly kind: 'failed'; readonly reason: string },
): Diagnostic {
  const message = why.kind === 'absent' ? `there is no file "${path}"` : `cannot read "${path}": ${why.reason}`;
  return { code: 'E_NO_FILE', message };
}
