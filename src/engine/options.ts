import type { Clock } from '../contract/clock.ts';
import type { Emit, RunMode } from '../contract/event.ts';
import type { FactsReader } from '../contract/facts.ts';
import type { Connect, HostName, Privilege } from '../contract/host.ts';
import type { MeasureMigration } from '../contract/migration.ts';
import type { Module } from '../contract/module.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Playbook, TaskEntry } from '../playbook/play.ts';

/** Everything that a run needs; the engine takes nothing from anywhere else. */
export interface EngineOptions {
  readonly playbook: Playbook;
  readonly inventory: Inventory;
  readonly modules: ReadonlyMap<string, Module>;
  readonly factsReader: FactsReader;
  readonly connect: Connect;
  /** The rights that a host's variables ask for when a task says nothing. */
  readonly privilegeOf: (host: HostName) => HostPrivilege;
  readonly measureMigration: MeasureMigration;
  readonly files: ControllerFiles;
  readonly emit: Emit;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly mode: RunMode;
  /** Hosts that the run is limited to; undefined: no limit. */
  readonly limit: ReadonlySet<HostName> | undefined;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly extraVars: Readonly<Record<string, unknown>>;
  /** Whether a frame takes along what tasks behind its own will send. */
  readonly pace: 'ahead' | 'oneByOne';
  /** How many hosts work at the same time. */
  readonly forks: number;
  /** Name of the first task to run; those before it are skipped. */
  readonly startAtTask: string | undefined;
  /** Asks before each task, once for all hosts. */
  readonly confirm: ((task: TaskEntry) => Promise<'run' | 'skip' | 'runAll'>) | undefined;
  /** What an earlier run has done, when this one goes on from it. */
  readonly resume: ResumePoint | undefined;
  /** Value of the variable `bench`. */
  readonly runVariables: Readonly<Record<string, unknown>>;
  /** Random numbers in [0, 1), for `order: shuffle`. */
  readonly random: () => number;
}

export interface HostPrivilege {
  readonly login: string | undefined;
  readonly become: boolean;
  readonly becomeUser: string;
  readonly sudo: (user: string) => Privilege;
}

/** The controller's own files, passed in. Paths that are not absolute count from the current folder, as the playbook's own does. */
export interface ControllerFiles {
  readText(path: string): string;
  read(path: string): Promise<Uint8Array>;
  /** Undefined when no regular file stands there. */
  sizeOf(path: string): number | undefined;
  digestOf(path: string): Promise<string>;
  write(path: string, bytes: Uint8Array): Promise<void>;
}

export interface ResumePoint {
  readonly run: string;
  isDone(
    host: HostName,
    task: { readonly name: string; readonly at: { readonly file: string; readonly line: number } },
  ): boolean;
  readonly pendingHandlers: ReadonlyMap<HostName, readonly string[]>;
}
