import type { RunEvent, RunMode, RunResult } from '../contract/event.ts';
import type { TimedEvent } from '../contract/event-line.ts';
import type { Trial } from '../contract/trial.ts';
import type { RunId } from './run-id.ts';

/** SHA-256 of every file that was read, by its name as positions have it. */
export type Digests = Readonly<Record<string, string>>;

/** What is known of a run when it starts. Nothing in it is secret. */
export interface RunStart {
  /** The command line as it was typed. */
  readonly command: readonly string[];
  /** Who runs it: login name and machine. */
  readonly by: string;
  readonly directory: string;
  readonly mode: RunMode;
  readonly inventory: { readonly file: string; readonly digests: Digests };
  readonly playbook: { readonly file: string; readonly digests: Digests };
  readonly versions: Readonly<Record<string, string>>;
  /** The run that this one goes on from. */
  readonly resumedFrom?: RunId;
}

export interface RunRecord extends RunStart {
  readonly id: RunId;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** A run as it goes on. Every call is on disk when it returns. */
export interface RunWriter {
  readonly record: RunRecord;
  /** Where people find its files. */
  readonly location: string;
  /** Notes an event; a finished trial is noted among the trials, too. */
  event(event: RunEvent): void;
  /** Keeps raw samples under a name; gives the place where they lie. */
  samples(name: string, content: string | Uint8Array): string;
  close(): void;
}

export interface StoredRun {
  readonly record: RunRecord;
  readonly events: readonly TimedEvent[];
  readonly trials: readonly Trial[];
}

export interface RunSummary {
  readonly record: RunRecord;
  /** Undefined for a run that goes on or was killed. */
  readonly result: RunResult | undefined;
  readonly elapsedMs: number | undefined;
}

/** Keeps runs. Append-only: what was written is never changed. */
export interface RunStore {
  create(start: RunStart): RunWriter;
  /** Newest first. */
  list(): readonly RunSummary[];
  read(id: RunId): StoredRun;
  latest(): RunId | undefined;
  /** Samples of a trial, as they were kept. */
  readSamples(id: RunId, name: string): Uint8Array | undefined;
}
