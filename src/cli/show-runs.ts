import { resolve } from 'node:path';
import { formatDuration } from '../core/duration.ts';
import { BenchError } from '../core/errors.ts';
import { Masker } from '../core/secret.ts';
import { createDirectoryStore } from '../store/directory-store.ts';
import { toRunId } from '../store/run-id.ts';
import type { RunStore, RunSummary } from '../store/run-store.ts';
import { systemClock } from './clock.ts';
import { EXIT } from './exit-code.ts';
import { write } from './write.ts';

/** The store of the current folder. */
export function openStore(masker: Masker = new Masker()): RunStore {
  return createDirectoryStore({ root: resolve('.bench'), masker, now: systemClock.now });
}

/** `bench runs`. */
export function showRuns(name: string | undefined): number {
  const store = openStore();
  if (name === undefined) {
    const runs = store.list();
    write(runs.length === 0 ? 'no runs are stored here' : runs.map(renderSummary).join('\n'));
    return EXIT.done;
  }
  const id = name === 'latest' ? store.latest() : toRunId(name);
  if (id === undefined) throw new BenchError('E_NO_RUN', `there is no run "${name}"`, { hint: 'bench runs' });
  const { record, events, trials } = store.read(id);
  write(JSON.stringify({ ...record, events: events.length, trials }, null, 2));
  return EXIT.done;
}

function renderSummary({ record, result, elapsedMs }: RunSummary): string {
  const status = result?.status ?? 'unfinished';
  const took = elapsedMs === undefined ? '-' : formatDuration(elapsedMs);
  return `${record.id}  ${status.padEnd(11)}  ${took.padStart(9)}  ${record.command.join(' ')}`;
}
