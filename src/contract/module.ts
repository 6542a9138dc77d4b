import type { z } from 'zod';
import type { Clock } from './clock.ts';
import type { HostName, Privilege, Session } from './host.ts';
import type { MeasureMigration } from './migration.ts';
import type { Answer, AnswersTo, Probe } from './probe.ts';
import type { Change, Content, Step, StepResult } from './step.ts';

export { ask, askShell, digestOf, pathOf, textOf, volatile } from './probe.ts';
export { bytesOf, type Change, run, runShell, type Step, type StepResult } from './step.ts';

/** What a task calls. */
export type Module = ResourceModule | StepsModule | ActionModule;

interface Described {
  /** The word in YAML, and the name of the module's file. */
  readonly name: string;
  /** One sentence, imperative, with a final dot. */
  readonly summary: string;
  /** Strict object; every parameter has a description. Schema, documentation and types come from here. */
  readonly params: z.ZodType;
  /** The parameters of one task as YAML, in flow style or as a block. It is parsed and checked by a test. */
  readonly example: string;
  /** What a user should know beside the parameters: differences to Ansible's module of that name, quirks, exit codes. */
  readonly notes?: string;
  /** The parameter that a bare text stands for: `command: ls -l`. */
  readonly freeForm?: string;
  /** Its steps may take long: what comes behind is not sent along, so that readers see how far it is. */
  readonly isSlow?: boolean;
}

/** A file of the controller that a task needs. A `template` is rendered with the task's variables before it is given. */
export interface Input {
  readonly kind: 'file' | 'template';
  readonly path: string;
}

export interface LoadedInput {
  readonly path: string;
  readonly content: Content;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/**
 * A state to reach. Everything is pure: the engine asks the probes, plans, runs the steps of the changes, asks and plans
 * again; a plan that is not empty then is the failure "did not converge".
 */
export interface ResourceModule extends Described {
  readonly kind: 'resource';
  inputs(params: unknown): readonly Input[];
  probe(params: unknown, inputs: readonly LoadedInput[]): readonly Probe[];
  read(answers: readonly Answer[], params: unknown, inputs: readonly LoadedInput[]): unknown;
  plan(state: unknown, params: unknown, inputs: readonly LoadedInput[]): readonly Change[];
  /**
   * Whether steps that end well leave the state reached, as far as nobody else is at it: others may be sent behind them.
   * Where that is not so, or not said, only the next answers of the host tell.
   */
  isCertain(params: unknown): boolean;
  /** What `register` keeps beside `changed`, from the state after the task. */
  result(state: unknown, params: unknown): Readonly<Record<string, unknown>>;
}

/** A verb whose steps are known beforehand, so that the engine can put it into a frame: `command`, `shell`. */
export interface StepsModule extends Described {
  readonly kind: 'steps';
  describe(params: unknown): string;
  inputs(params: unknown): readonly Input[];
  /** Questions that decide whether anything runs: `creates`, `removes`. */
  probe(params: unknown): readonly Probe[];
  steps(
    answers: readonly Answer[],
    params: unknown,
    inputs: readonly LoadedInput[],
  ): readonly Step[] | { readonly skip: string };
  result(results: readonly StepResult[], params: unknown): ActionResult;
}

/** A verb that talks with its host as it goes: `reboot`, `wait_for`, `migrate`. Shown as "would …" in check mode. */
export interface ActionModule extends Described {
  readonly kind: 'action';
  /** Runs in check mode too: it changes nothing outside the run (`debug`, `assert`, `set_fact`). */
  readonly isHarmless: boolean;
  describe(params: unknown): string;
  perform(host: ActionHost, params: unknown, signal: AbortSignal): Promise<ActionResult>;
}

export interface ActionResult {
  readonly changed: boolean;
  /** What `register` keeps. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Lines for the reader of the run. */
  readonly notes?: readonly string[];
  /** Variables that the host has from now on. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** Says why it failed, unless `failed_when` judges otherwise. */
  readonly failed?: string;
}

/** What an action may do. Nothing connects before it is needed. */
export interface ActionHost {
  readonly name: HostName;
  readonly privilege: Privilege;
  readonly clock: Clock;
  /** The variables of the task on this host. */
  readonly variables: Readonly<Record<string, unknown>>;
  session(): Promise<Session>;
  ask<const L extends readonly Probe[]>(probes: L, signal: AbortSignal): Promise<AnswersTo<L>>;
  /** Runs steps in one round trip; throws `StepFailedError` on the first code that a step does not accept. */
  run(steps: readonly Step[], signal: AbortSignal): Promise<readonly StepResult[]>;
  /** Another host of the inventory, with the same rights as this one. Throws when there is none of that name. */
  other(name: string): ActionHost;
  /** Value of a CEL expression in the task's scope. */
  evaluate(expression: string): unknown;
  /** A line about how far it is. */
  report(line: string): void;
  /** Writes a file of the controller, folders included. Relative paths count from the playbook's folder. */
  saveFile(path: string, bytes: Uint8Array): Promise<string>;
  /** SHA-256 of the controller's file that `saveFile` would write; undefined when there is none. */
  savedDigest?(path: string): Promise<string | undefined>;
  readonly measureMigration: MeasureMigration;
}

interface ResourceDefinition<P, Q extends readonly Probe[], S> extends Omit<Described, 'params'> {
  readonly params: z.ZodType<P>;
  inputs?(params: P): readonly Input[];
  probe(params: P, inputs: readonly LoadedInput[]): Q;
  read(answers: AnswersTo<Q>, params: P, inputs: readonly LoadedInput[]): S;
  plan(state: S, params: P, inputs: readonly LoadedInput[]): readonly Change[];
  isCertain?(params: P): boolean;
  result?(state: S, params: P): Readonly<Record<string, unknown>>;
}

interface StepsDefinition<P, Q extends readonly Probe[]> extends Omit<Described, 'params'> {
  readonly params: z.ZodType<P>;
  describe(params: P): string;
  inputs?(params: P): readonly Input[];
  probe?(params: P): Q;
  steps(answers: AnswersTo<Q>, params: P, inputs: readonly LoadedInput[]): readonly Step[] | { readonly skip: string };
  result(results: readonly StepResult[], params: P): ActionResult;
}

interface ActionDefinition<P> extends Omit<Described, 'params'> {
  readonly params: z.ZodType<P>;
  readonly isHarmless?: boolean;
  describe(params: P): string;
  perform(host: ActionHost, params: P, signal: AbortSignal): Promise<ActionResult>;
}

export function defineResource<P, const Q extends readonly Probe[], S>(
  definition: ResourceDefinition<P, Q, S>,
): ResourceModule {
  return { inputs: () => [], isCertain: () => false, result: () => ({}), ...definition, kind: 'resource' };
}

export function defineSteps<P, const Q extends readonly Probe[]>(definition: StepsDefinition<P, Q>): StepsModule {
  return { inputs: () => [], probe: () => [], ...definition, kind: 'steps' };
}

export function defineAction<P>(definition: ActionDefinition<P>): ActionModule {
  return { isHarmless: false, ...definition, kind: 'action' };
}
