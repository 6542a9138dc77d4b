import { resolve } from 'node:path';
import { formatDuration } from '../core/duration.ts';
import { BenchError } from '../core/errors.ts';
import { Masker } from '../core/secret.ts';
import { counted } from '../core/text.ts';
import { clip, table } from '../output/layout.ts';
import { createDirectoryStore } from '../store/directory-store.ts';
import { toRunId } from '../store/run-id.ts';
import type { RunStore, RunSummary } from '../store/run-store.ts';
import { systemClock } from './clock.ts';
import { EXIT } from './exit-code.ts';
import { renderStoredRun } from './render-run.ts';
import { commandLine, screenWidth } from './screen.ts';
import { write } from './write.ts';

export interface RunsFlags {
  readonly json?: boolean;
  readonly verbose?: number;
}

/** The store of the current folder. */
export function openStore(masker: Masker = new Masker()): RunStore {
  return createDirectoryStore({ root: resolve('.bench'), masker, now: systemClock.now });
}

/** `bench runs`: the list of runs, newest first, or one of them. */
export function showRuns(name: string | undefined, flags: RunsFlags): number {
  const store = openStore();
  if (name === undefined) {
    const runs = store.list();
    if (flags.json) write(JSON.stringify(runs.map(toJson), null, 2));
    else write(runs.length === 0 ? 'no runs are stored here' : renderList(runs));
    return EXIT.done;
  }
  const id = name === 'latest' ? store.latest() : toRunId(name);
  if (id === undefined) {
    const message = name === 'latest' ? 'no runs are stored here' : `"${name}" names no run`;
    throw new BenchError('E_NO_RUN', message, { hint: 'bench runs lists those that there are' });
  }
  const run = store.read(id);
  if (flags.json) {
    const summary = store.list().find(({ record }) => record.id === id);
    write(JSON.stringify({ ...(summary ? toJson(summary) : run.record), trials: run.trials }, null, 2));
  } else write(renderStoredRun(run, flags.verbose ?? 0));
  return EXIT.done;
}

function toJson({ record, result, elapsedMs }: RunSummary) {
  return { ...record, status: result?.status ?? 'unfinished', elapsedMs: elapsedMs ?? null, result: result ?? null };
}

function renderList(runs: readonly RunSummary[]): string {
  const rows = runs.map(({ record, result, elapsedMs }) => [
    record.id,
    result?.status ?? 'unfinished',
    elapsedMs === undefined ? '-' : formatDuration(elapsedMs),
    changesOf(result),
    commandLine(record.command.slice(1)),
  ]);
  const lines = table(rows, ['left', 'left', 'right', 'left', 'left']);
  // Whoever reads from a pipe wants the whole command.
  return (process.stdout.isTTY ? lines.map((line) => clip(line, screenWidth())) : lines).join('\n');
}

function changesOf(result: RunSummary['result']): string {
  if (!result) return '';
  const changes = result.hosts.reduce((sum, { tally }) => sum + tally.changed, 0);
  return changes === 0 ? 'no changes' : counted(changes, 'change');
}
