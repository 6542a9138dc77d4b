import type { TaskIdentity } from '../contract/event.ts';
import type { TaskEntry } from '../playbook/play.ts';
import type { Gate } from './forks.ts';
import type { Ledger } from './ledger.ts';
import type { Lockstep, Place } from './lockstep.ts';
import type { EngineOptions } from './options.ts';
import type { TaskReport } from './report.ts';
import type { Layer } from './scope.ts';
import type { HostState } from './state.ts';
import type { VariableSources } from './variables.ts';

/** What the hosts of one batch of a play share. */
export interface PlayRun {
  readonly options: EngineOptions;
  readonly sources: VariableSources;
  readonly lockstep: Lockstep;
  readonly gate: Gate;
  readonly ledger: Ledger;
  /** Reports of `run_once` tasks, by the task's place. */
  readonly shared: Map<string, Promise<TaskReport>>;
  identify(task: TaskEntry, role: TaskIdentity['role']): TaskIdentity;
  /** Whether the task is due at all: tags, `--start-at-task`, `--step`. */
  isDue(task: TaskEntry): Promise<boolean>;
  /** Why no host begins another task of this play. */
  stopReason: string | undefined;
  /** Called when a host fails; may set `stopReason`. */
  hostFailed(state: HostState, isFatal: boolean): void;
}

/** The way of one host through its play, at one place. */
export interface HostContext {
  readonly run: PlayRun;
  readonly state: HostState;
  /** Variables that stand nearest: of an include, of a rescue. The strongest first. */
  readonly near: readonly Layer[];
  readonly place: Place;
}
