import type { RunEvent } from '../contract/event.ts';

/** Takes the events of a run, one after the other. */
export interface EventConsumer {
  event(event: RunEvent): void;
  /** After the last event, also when the run was broken off: everything is written when it resolves. */
  end(): Promise<void>;
}

export interface OutputOptions {
  readonly write: (text: string) => void;
  /** What runs: `bench provision  inventory/lab.ini`. */
  readonly title: string;
  /** Name of the run, where it is kept. */
  readonly run: string | undefined;
  /** 0: what matters; 1: also what was ok or skipped, and single items; 2: also what long tasks write. */
  readonly verbosity: number;
  readonly diff: 'shown' | 'hidden';
  readonly colour: 'on' | 'off';
  readonly width: number;
  /** Command line that goes on where this run stops. */
  readonly again: string | undefined;
  /** When a run last changed something, for people. */
  readonly lastChange: string | undefined;
  /** Where the report of the figures will lie. */
  readonly report: string | undefined;
}
