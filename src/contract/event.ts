import type { Position } from '../core/diagnostic.ts';
import type { HostName } from './host.ts';
import type { ChangeRecord, Outcome, Tally } from './outcome.ts';
import type { Trial } from './trial.ts';

/** What names a task in events: stable within a run. */
export interface TaskIdentity {
  /** Counts from 1 in the order of the playbooks; an included task gets the next free number. */
  readonly id: number;
  readonly name: string;
  readonly module: string;
  readonly at: Position;
  /** Handler, or task of a play's section. */
  readonly role: 'task' | 'handler' | 'facts';
}

/** Everything that happens in a run. Output, the store and reports are consumers of this and of nothing else. */
export type RunEvent =
  | {
      readonly type: 'runStarted';
      readonly mode: RunMode;
      readonly hosts: readonly HostName[];
      readonly plays: readonly { readonly name: string; readonly tasks: number }[];
    }
  | {
      readonly type: 'playStarted';
      readonly play: number;
      readonly name: string;
      readonly hosts: readonly HostName[];
      readonly at: Position;
    }
  | { readonly type: 'hostConnected'; readonly host: HostName; readonly elapsedMs: number }
  | { readonly type: 'taskStarted'; readonly task: TaskIdentity; readonly host: HostName }
  /** A piece of what a long task writes. */
  | { readonly type: 'taskOutput'; readonly task: TaskIdentity; readonly host: HostName; readonly text: string }
  | {
      readonly type: 'taskRetried';
      readonly task: TaskIdentity;
      readonly host: HostName;
      readonly attempt: number;
      readonly of: number;
    }
  | {
      readonly type: 'taskItem';
      readonly task: TaskIdentity;
      readonly host: HostName;
      readonly label: string;
      readonly outcome: Outcome;
    }
  | {
      readonly type: 'taskFinished';
      readonly task: TaskIdentity;
      readonly host: HostName;
      readonly outcome: Outcome;
      /** What a reader should see beside the outcome: a debug message, a proof, a figure. */
      readonly notes: readonly string[];
      readonly elapsedMs: number;
    }
  | { readonly type: 'handlersNotified'; readonly host: HostName; readonly handlers: readonly string[] }
  | { readonly type: 'hostEnded'; readonly host: HostName; readonly reason: string }
  | { readonly type: 'trialFinished'; readonly trial: Trial }
  | { readonly type: 'warning'; readonly message: string; readonly at?: Position }
  | { readonly type: 'playFinished'; readonly play: number; readonly elapsedMs: number }
  | {
      readonly type: 'runFinished';
      readonly result: RunResult;
      readonly elapsedMs: number;
      /** Where the time went, in milliseconds by what was waited for; `bench` is its own share. */
      readonly ledger: Readonly<Record<string, number>>;
    };

export type RunMode = 'apply' | 'check';

export interface RunResult {
  readonly status: 'done' | 'failed' | 'unreachable' | 'missedMark' | 'interrupted';
  readonly hosts: readonly HostRecap[];
  /** Tasks that were begun or due when the run was interrupted, as `host: task`. */
  readonly undone: readonly string[];
  /** Handlers that were notified and did not run, as `host: handler`. */
  readonly pendingHandlers: readonly string[];
}

export interface HostRecap {
  readonly host: HostName;
  readonly tally: Tally;
  readonly changes: readonly ChangeRecord[];
}

export type Emit = (event: RunEvent) => void;
