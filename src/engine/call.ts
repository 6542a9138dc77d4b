import type { TaskIdentity } from '../contract/event.ts';
import type { HostName } from '../contract/host.ts';
import type { ActionModule, Module } from '../contract/module.ts';
import { formatDuration } from '../core/duration.ts';
import { TimeLimitError, UnreachableError } from '../core/errors.ts';
import type { TaskEntry } from '../playbook/play.ts';
import { createActionHost } from './action-host.ts';
import { type Call, type Converged, converge, type Exchange } from './converge.ts';
import { failureOf } from './failure.ts';
import { loadInputs } from './inputs.ts';
import { parseParams } from './params.ts';
import type { HostContext, PlayRun } from './play-run.ts';
import { toPlainData, toRecord } from './record.ts';
import { endedRaw, type Raw, rawOfAction } from './report.ts';
import { type Ran, runSteps } from './run-steps.ts';
import type { Scope } from './scope.ts';
import type { TaskSettings } from './settings.ts';

/** One task on one host with the keywords of some of its items, ready to be called with their scopes. */
export interface TaskCall {
  readonly run: PlayRun;
  readonly task: TaskEntry;
  readonly identity: TaskIdentity;
  readonly module: Module;
  readonly settings: TaskSettings;
  readonly host: HostName;
  readonly context: HostContext;
  /** In place of the host, for who wants to know what would be sent. */
  readonly exchange?: Exchange;
  /** Told when a file of the controller is needed. */
  readonly onInput?: () => void;
  /** False under `no_log`: what the task writes is shown to nobody. */
  readonly isShown: boolean;
  /** How much of the task it is: the only call, all items of its loop, or a part of them or of its tries. */
  readonly share: 'one' | 'all' | 'part';
}

/** Calls the module for every scope, in as few round trips as its kind allows. One answer for each, in their order. */
export async function callModule(call: TaskCall, scopes: readonly Scope[]): Promise<readonly Raw[]> {
  const { module } = call;
  try {
    switch (module.kind) {
      case 'resource': {
        const { mode } = call.settings;
        const ends = async (calls: readonly Call[]) => converge(module, calls, exchangeFor(call), mode);
        return await callTogether(call, scopes, ends, (end) => rawOfConverged(call, end));
      }
      case 'steps': {
        const { mode } = call.settings;
        const ends = async (calls: readonly Call[]) => runSteps(module, calls, exchangeFor(call), mode);
        return await callTogether(call, scopes, ends, (end, { params }) => rawOfRan(call, end, params));
      }
      case 'action': {
        const raws: Raw[] = [];
        for (const scope of scopes) raws.push(await perform(call, module, scope));
        return raws;
      }
    }
  } catch (thrown) {
    const raw = rawOfError(thrown);
    return scopes.map(() => raw);
  }
}

/** An item whose parameters or inputs cannot be made has its end already; the others go together. */
async function callTogether<E>(
  call: TaskCall,
  scopes: readonly Scope[],
  work: (calls: readonly Call[]) => Promise<readonly E[]>,
  toRaw: (end: E, made: Call) => Raw,
): Promise<readonly Raw[]> {
  const { module, task, run } = call;
  const calls: Call[] = [];
  const failed = new Map<number, Raw>();
  for (const [index, scope] of scopes.entries()) {
    try {
      const params = parseParams(module, task.args, scope);
      const wanted = module.kind === 'action' ? [] : module.inputs(params);
      if (wanted.length > 0) call.onInput?.();
      calls.push({ params, inputs: await loadInputs(wanted, task, scope, run.options.files) });
    } catch (thrown) {
      failed.set(index, rawOfError(thrown));
    }
  }
  const ends = calls.length > 0 ? await work(calls) : [];
  const raws = calls.flatMap((made, index) => {
    const end = ends[index];
    return end === undefined ? [] : [toRaw(end, made)];
  });
  const rest = raws.values();
  return scopes.flatMap((_, index) => failed.get(index) ?? rest.next().value ?? []);
}

function exchangeFor(call: TaskCall): Exchange {
  if (call.exchange) return call.exchange;
  const { context, settings, host, run } = call;
  const plain = exchangeWith(call);
  // Limits are for one task's own frames, and another host's answers are not this one's.
  if (context.ahead && settings.target === host && settings.limitMs === undefined)
    return context.ahead.exchange(call, context, plain);
  return (frame) => {
    return frame.sections.some(({ kind }) => kind === 'act')
      ? counting(run, [settings.target], () => plain(frame))
      : plain(frame);
  };
}

/** Answers that hosts gave before and meanwhile are not counted on. */
async function counting<T>(run: PlayRun, hosts: Iterable<HostName>, work: () => Promise<T>): Promise<T> {
  const states = [...hosts].flatMap((host) => run.states.get(host) ?? []);
  for (const state of states) state.acts += 1;
  try {
    return await work();
  } finally {
    for (const state of states) state.acts += 1;
  }
}

/** Tells what the task writes, if anybody may see it. */
export function tellOutput({ run, identity, host, isShown }: TaskCall, text: string): void {
  if (isShown) run.options.emit({ type: 'taskOutput', task: identity, host, text });
}

function exchangeWith(call: TaskCall): Exchange {
  const { run, settings, module } = call;
  const { options, ledger, connect } = run;
  return async (frame, along) => {
    const onOutput = along?.onOutput ?? ((text: string) => tellOutput(call, text));
    const session = await connect(settings.target, options.signal);
    const isAct = frame.sections.some((section) => section.kind === 'act');
    const exchange = () =>
      session.exchange(frame, {
        privilege: settings.privilegeOf(settings.target),
        environment: settings.environment,
        ...(settings.limitMs !== undefined && { limitMs: settings.limitMs }),
        ...(isAct && { onOutput }),
        ...(along && { onAnswer: along.onAnswer }),
        signal: options.signal,
      });
    return ledger.track(isAct ? module.name : 'questions', exchange);
  };
}

function rawOfConverged({ settings }: TaskCall, end: Converged): Raw {
  const changes = end.changes.map(toRecord);
  const changed = changes.length > 0;
  if (end.kind === 'failed') {
    const raw = rawOfError(end.error);
    return raw.kind === 'ended' ? { ...raw, changes, changed } : raw;
  }
  const isPredicted = settings.mode === 'check' && changed;
  const predicted = isPredicted ? 'state' : undefined;
  const isGone = changed && end.changes.every(({ after }) => after === undefined);
  return endedRaw({
    changed,
    changes,
    data: toData(end.result),
    predicted,
    ...(settings.mode === 'check' && { probes: end.probes, fate: isGone ? 'gone' : 'changed' }),
  });
}

function rawOfRan({ module }: TaskCall, end: Ran, params: unknown): Raw {
  if (module.kind !== 'steps') return endedRaw({});
  switch (end.kind) {
    case 'ran':
      return rawOfAction(module.result(end.results, params), module.describe(params));
    case 'failed':
      return rawOfError(end.error);
    case 'predicted':
      return { ...predictedVerb(module.describe(params)), probes: end.probes };
    case 'skipped': {
      // As a command that had nothing to say: what reads its result need not know that it did not run.
      const silent = { rc: 0, stdout: '', stderr: '', stdout_lines: [], stderr_lines: [] };
      const data = { ...silent, skipped_because: end.reason };
      return endedRaw({ data, notes: [end.reason], probes: end.probes });
    }
  }
}

function predictedVerb(what: string) {
  return endedRaw({
    changed: true,
    changes: [{ what: `would ${what}`, before: null, after: null }],
    predicted: 'verb',
  });
}

async function perform(call: TaskCall, module: ActionModule, scope: Scope): Promise<Raw> {
  const { task, run, settings, identity, host, isShown } = call;
  const { options, ledger, connect } = run;
  try {
    const params = parseParams(module, task.args, scope);
    if (settings.mode === 'check' && !module.isHarmless) return predictedVerb(module.describe(params));
    const emitLine = (line: string) => options.emit({ type: 'taskOutput', task: identity, host, text: `${line}\n` });
    const touched = module.isHarmless ? [] : run.states.keys();
    const perform = (signal: AbortSignal) => {
      const actionHost = createActionHost(settings.target, {
        options,
        connect,
        scope,
        at: task.at,
        directory: task.directory,
        privilegeOf: settings.privilegeOf,
        environment: settings.environment,
        report: isShown ? emitLine : () => undefined,
        signal,
      });
      return ledger.track(module.name, () => module.perform(actionHost, params, signal));
    };
    const result = await counting(run, touched, () => withinLimit(call, perform));
    const raw = rawOfAction(result, module.describe(params));
    return { ...raw, data: toData(raw.data) };
  } catch (thrown) {
    return rawOfError(thrown);
  }
}

/** Aborts the work's signal when the task's time is up, and says so. */
async function withinLimit<T>({ run, settings }: TaskCall, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { clock, signal } = run.options;
  const { limitMs } = settings;
  if (limitMs === undefined) return work(signal);
  const limit = new AbortController();
  const over = new AbortController();
  const error = new TimeLimitError(
    `took longer than its limit of ${formatDuration(limitMs)}`,
    'raise the task\'s "timeout"',
  );
  clock.sleep(limitMs, over.signal).then(
    () => limit.abort(error),
    () => undefined,
  );
  try {
    return await work(AbortSignal.any([signal, limit.signal]));
  } catch (thrown) {
    throw limit.signal.aborted && !signal.aborted ? error : thrown;
  } finally {
    over.abort();
  }
}

function rawOfError(thrown: unknown): Raw {
  const failure = failureOf(thrown);
  return thrown instanceof UnreachableError ? { kind: 'unreachable', failure } : endedRaw({ failure });
}

function toData(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const plain = toPlainData(value);
  return plain !== null && typeof plain === 'object' ? Object.fromEntries(Object.entries(plain)) : {};
}
