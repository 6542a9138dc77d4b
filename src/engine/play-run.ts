import type { Connect, HostName } from '../contract/host.ts';
import type { Ahead } from './ahead.ts';
import type { Catalogue } from './catalogue.ts';
import type { Gate } from './forks.ts';
import type { Ledger } from './ledger.ts';
import type { Lockstep, Place } from './lockstep.ts';
import type { EngineOptions } from './options.ts';
import type { TaskReport } from './report.ts';
import type { Rest } from './rest.ts';
import type { Layer } from './scope.ts';
import type { Selection } from './selection.ts';
import type { HostState } from './state.ts';
import type { TaskFiles } from './task-files.ts';
import type { VariableFiles } from './variable-files.ts';
import type { VariableSources } from './variables.ts';

/** What the plays of a run share. */
export interface RunShared {
  readonly options: EngineOptions;
  readonly states: ReadonlyMap<HostName, HostState>;
  readonly gate: Gate;
  readonly ledger: Ledger;
  /** The options' `connect`, which also tells of each host's first connection. */
  readonly connect: Connect;
  readonly catalogue: Catalogue;
  readonly selection: Selection;
  readonly taskFiles: TaskFiles;
  readonly variableFiles: VariableFiles;
}

/** What the hosts of one batch of a play share. */
export interface PlayRun extends RunShared {
  readonly sources: VariableSources;
  readonly lockstep: Lockstep;
  /** Reports of `run_once` tasks, by the task's place. */
  readonly once: Map<string, Promise<TaskReport>>;
  /** Why no host begins another task of this play. */
  stop: PlayStop | undefined;
  /** Called when a host fails; may set `stop`. */
  hostFailed(state: HostState, isFatal: boolean): void;
}

export interface PlayStop {
  /** `endPlay`: the playbook said so. The other two end the run: a failure that counts for all, and when all have failed. */
  readonly kind: 'endPlay' | 'failure' | 'nobodyLeft';
  readonly reason: string;
}

/** The way of one host through its play, at one place. */
export interface HostContext {
  readonly run: PlayRun;
  readonly state: HostState;
  /** Variables that stand nearest: of an include, of a rescue. The strongest first. */
  readonly near: readonly Layer[];
  readonly place: Place;
  /** What comes behind; undefined where that is not known. */
  readonly rest: Rest | undefined;
  /** Sends along what tasks to come will send; undefined where tasks have to go one by one. */
  readonly ahead: Ahead | undefined;
  /** In an `always`: it is done although another host's failure ends the play. */
  readonly isCleanup: boolean;
}
