import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import type { RunEvent } from '../contract/event.ts';
import { formatEventLine, parseEventLine } from '../contract/event-line.ts';
import { BenchError, messageOf } from '../core/errors.ts';
import type { Masker } from '../core/secret.ts';
import { linesOf } from '../core/text.ts';
import { errorCode, lastLines, pointTo } from './disk.ts';
import { isRecord, isTrial, parseJson } from './read-json.ts';
import { type RunId, runIdAt, toRunId } from './run-id.ts';
import type { RunRecord, RunStart, RunStore, RunSummary, RunWriter, StoredRun } from './run-store.ts';

export interface DirectoryStoreOptions {
  /** The directory `.bench`; made when it is needed. */
  readonly root: string;
  readonly masker: Masker;
  readonly now: () => number;
}

/**
 * Runs as directories: `runs/<id>/` with `run.json`, `events.jsonl`, `trials.jsonl`, `samples/`, and `runs/latest`. A line
 * is written by one call and before the next event is looked at, so that a killed process loses no finished event.
 */
export function createDirectoryStore(options: DirectoryStoreOptions): RunStore {
  const runs = join(options.root, 'runs');
  return {
    create: (start) => guarded(`cannot write ${runs}`, () => createRun(runs, start, options)),
    list: () => idsIn(runs).flatMap((id) => summaryOf(join(runs, id)) ?? []),
    read: (id) => readRun(join(runs, id)),
    latest: () => idsIn(runs)[0],
    readSamples(id, name) {
      const path = join(runs, id, 'samples', basename(name));
      return existsSync(path) ? readFileSync(path) : undefined;
    },
  };
}

/** Turns what the disk says into an error of bench: a full or read-only disk is the world, not a bug. */
function guarded<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (errorCode(cause) === '') throw cause;
    const hint =
      errorCode(cause) === 'ENOSPC' ? 'make room on the disk, then use --resume' : 'is the directory yours to write?';
    throw new BenchError('E_STORE', `${what}: ${messageOf(cause)}`, { cause, hint });
  }
}

function createRun(runs: string, start: RunStart, { masker, now }: DirectoryStoreOptions): RunWriter {
  const nowMs = now();
  mkdirSync(runs, { recursive: true });
  const id = claimDirectory(runs, nowMs);
  const location = join(runs, id);
  mkdirSync(join(location, 'samples'));
  const record: RunRecord = { id, startedAt: new Date(nowMs).toISOString(), ...masker.maskAll(start) };
  writeFileSync(join(location, 'run.json'), `${JSON.stringify(record, undefined, 2)}\n`, { flag: 'wx' });
  const events = openSync(join(location, 'events.jsonl'), 'a');
  pointTo(join(runs, 'latest'), id);
  const append = (event: RunEvent) => {
    const masked = masker.maskAll(event);
    writeFileSync(events, formatEventLine(masked, now()));
    if (masked.type !== 'trialFinished') return;
    writeFileSync(join(location, 'trials.jsonl'), `${JSON.stringify(masked.trial)}\n`, { flag: 'a' });
  };
  return {
    record,
    location,
    event: (event) => guarded(`cannot write ${location}`, () => append(event)),
    samples(name, content) {
      const path = join(location, 'samples', basename(name));
      guarded(`cannot write ${path}`, () =>
        writeFileSync(path, typeof content === 'string' ? masker.mask(content) : content),
      );
      return path;
    },
    close() {
      fsyncSync(events);
      closeSync(events);
    },
  };
}

/** Makes the directory of a new run; two that start in the same second get different ones. */
function claimDirectory(runs: string, nowMs: number): RunId {
  for (let attempt = 1; ; attempt += 1) {
    const id = runIdAt(nowMs, attempt);
    try {
      mkdirSync(join(runs, id));
      return id;
    } catch (thrown) {
      if (errorCode(thrown) !== 'EEXIST') throw thrown;
    }
  }
}

/** Newest first. */
function idsIn(runs: string): RunId[] {
  if (!existsSync(runs)) return [];
  return readdirSync(runs)
    .flatMap((name) => toRunId(name) ?? [])
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
}

function readRun(location: string): StoredRun {
  const record = readRecord(location);
  if (!record) {
    throw new BenchError('E_NO_RUN', `there is no run in ${location}`, {
      hint: 'bench runs lists those that there are',
    });
  }
  const events = readLines(join(location, 'events.jsonl')).flatMap((line) => parseEventLine(line) ?? []);
  const trials = readLines(join(location, 'trials.jsonl')).map(parseJson).filter(isTrial);
  return { record, events, trials };
}

function readRecord(location: string): RunRecord | undefined {
  const path = join(location, 'run.json');
  const value = existsSync(path) ? parseJson(readFileSync(path, 'utf8')) : undefined;
  return isRecord(value) ? value : undefined;
}

function readLines(path: string): string[] {
  return existsSync(path) ? linesOf(readFileSync(path, 'utf8')) : [];
}

function summaryOf(location: string): RunSummary | undefined {
  const record = readRecord(location);
  if (!record) return undefined;
  const last = lastLines(join(location, 'events.jsonl')).findLast((line) => line.includes('"type":"runFinished"'));
  const event = last === undefined ? undefined : parseEventLine(last)?.event;
  if (event?.type !== 'runFinished') return { record, result: undefined, elapsedMs: undefined };
  return { record, result: event.result, elapsedMs: event.elapsedMs };
}
