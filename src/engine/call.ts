import type { TaskIdentity } from '../contract/event.ts';
import type { HostName } from '../contract/host.ts';
import type { Module } from '../contract/module.ts';
import type { Failure } from '../contract/outcome.ts';
import { DiagnosticError } from '../core/diagnostic.ts';
import { formatDuration } from '../core/duration.ts';
import { BenchError, TimeLimitError, UnreachableError } from '../core/errors.ts';
import type { TaskEntry } from '../playbook/play.ts';
import { createActionHost } from './action-host.ts';
import { type Call, type Converged, converge, type Exchange, type Ran, runSteps } from './converge.ts';
import { failureOf } from './failure.ts';
import { loadInputs } from './inputs.ts';
import { parseParams } from './params.ts';
import type { PlayRun } from './play-run.ts';
import { toPlainData, toRecord } from './record.ts';
import { endedRaw, type Raw, rawOfAction } from './report.ts';
import type { Scope } from './scope.ts';
import type { TaskSettings } from './settings.ts';

/** One task on one host, ready to be called with the scopes of its items. */
export interface TaskCall {
  readonly run: PlayRun;
  readonly task: TaskEntry;
  readonly identity: TaskIdentity;
  readonly module: Module;
  readonly settings: TaskSettings;
  readonly host: HostName;
  /** An earlier task of a check would have changed something. */
  readonly hasPredicted: boolean;
}

/** Calls the module for every scope, in as few round trips as its kind allows. */
export async function callModule(call: TaskCall, scopes: readonly Scope[]): Promise<readonly Raw[]> {
  try {
    const { module } = call;
    switch (module.kind) {
      case 'resource': {
        const { calls, raws } = await prepare(call, scopes);
        const ends = calls.length > 0 ? await converge(module, calls, exchangeFor(call), call.settings.mode) : [];
        return fill(
          raws,
          ends.map((end) => rawOfConverged(call, end)),
        );
      }
      case 'steps': {
        const { calls, raws } = await prepare(call, scopes);
        if (call.settings.mode === 'check')
          return fill(
            raws,
            calls.map(({ params }) => predicted(module.describe(params))),
          );
        const ran = calls.length > 0 ? await runSteps(module, calls, exchangeFor(call)) : [];
        return fill(
          raws,
          ran.map((end, index) => rawOfRan(call, end, calls[index])),
        );
      }
      case 'action': {
        const raws: Raw[] = [];
        for (const scope of scopes) raws.push(await performAction(call, scope));
        return raws;
      }
    }
  } catch (thrown) {
    const raw = rawOfError(call, thrown);
    return scopes.map(() => raw);
  }
}

/** Parameters and inputs of each item; an item whose own cannot be made has its end already. */
async function prepare(
  call: TaskCall,
  scopes: readonly Scope[],
): Promise<{ calls: Call[]; raws: (Raw | undefined)[] }> {
  const { module, task, run } = call;
  const calls: Call[] = [];
  const raws: (Raw | undefined)[] = [];
  for (const scope of scopes) {
    try {
      const params = parseParams(module, task.args, scope);
      const wanted = module.kind === 'action' ? [] : module.inputs(params);
      calls.push({ params, inputs: await loadInputs(wanted, task.directory, scope, run.options.files) });
      raws.push(undefined);
    } catch (thrown) {
      raws.push(rawOfError(call, thrown));
    }
  }
  return { calls, raws };
}

function fill(raws: readonly (Raw | undefined)[], rest: readonly Raw[]): Raw[] {
  const ends = rest.values();
  return raws.map((raw) => raw ?? ends.next().value ?? endedRaw({}));
}

function exchangeFor(call: TaskCall): Exchange {
  const { run, settings, identity, host, module } = call;
  const { options, ledger } = run;
  return async (frame) => {
    const session = await options.connect(settings.target, options.signal);
    const isAct = frame.sections.some((section) => section.kind === 'act');
    const exchange = () =>
      session.exchange(frame, {
        privilege: settings.privilegeOf(settings.target),
        environment: settings.environment,
        ...(settings.limitMs !== undefined && { limitMs: settings.limitMs }),
        ...(isAct &&
          settings.isLogged && {
            onOutput: (text: string) => options.emit({ type: 'taskOutput', task: identity, host, text }),
          }),
        signal: options.signal,
      });
    return ledger.track(isAct ? module.name : 'questions', exchange);
  };
}

function rawOfConverged(call: TaskCall, end: Converged): Raw {
  const { settings } = call;
  const changes = end.changes.map((change) => toRecord(change, settings.isLogged ? 'shown' : 'hidden'));
  if (end.kind === 'failed') {
    const raw = rawOfError(call, end.error);
    return raw.kind === 'ended' ? { ...raw, changes, changed: changes.length > 0 } : raw;
  }
  return endedRaw({ changed: changes.length > 0, changes, data: toData(end.result) });
}

function rawOfRan(call: TaskCall, end: Ran, made: Call | undefined): Raw {
  const { module } = call;
  if (end.kind === 'skipped') return endedRaw({ data: { skipped_because: end.reason }, notes: [end.reason] });
  if (end.kind === 'failed') return rawOfError(call, end.error);
  if (module.kind !== 'steps' || !made) return endedRaw({});
  return rawOfAction(module.result(end.results, made.params), module.describe(made.params));
}

function predicted(what: string): Raw {
  return endedRaw({
    changed: true,
    changes: [{ what: `would ${what}`, before: null, after: null }],
    data: { predicted: true },
  });
}

async function performAction(call: TaskCall, scope: Scope): Promise<Raw> {
  const { module, task, run, settings, identity, host } = call;
  if (module.kind !== 'action') return endedRaw({});
  const { options, ledger } = run;
  try {
    const params = parseParams(module, task.args, scope);
    if (settings.mode === 'check' && !module.isHarmless) return predicted(module.describe(params));
    const emitLine = (line: string) => options.emit({ type: 'taskOutput', task: identity, host, text: `${line}\n` });
    const result = await withinLimit(call, (signal) => {
      const actionHost = createActionHost(settings.target, {
        options,
        scope,
        at: task.at,
        directory: task.directory,
        privilegeOf: settings.privilegeOf,
        environment: settings.environment,
        report: settings.isLogged ? emitLine : () => undefined,
        signal,
      });
      return ledger.track(module.name, () => module.perform(actionHost, params, signal));
    });
    const raw = rawOfAction(result, module.describe(params));
    return raw.kind === 'ended' ? { ...raw, data: toData(raw.data) } : raw;
  } catch (thrown) {
    return rawOfError(call, thrown);
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

/** In a check, what fails because an earlier change was only predicted is not known rather than failed. */
function rawOfError(call: TaskCall, thrown: unknown): Raw {
  const failure: Failure = failureOf(thrown);
  if (thrown instanceof UnreachableError) return { kind: 'unreachable', failure };
  const mayBeUnknown = thrown instanceof DiagnosticError || thrown instanceof BenchError;
  if (call.settings.mode === 'check' && call.hasPredicted && mayBeUnknown) {
    return { kind: 'unknown', reason: `earlier changes would have to be real first: ${failure.message}` };
  }
  const shown = call.settings.isLogged ? failure : { code: failure.code, message: 'failed; no_log hides why' };
  return endedRaw({ failure: shown });
}

function toData(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const plain = toPlainData(value);
  return plain !== null && typeof plain === 'object' ? Object.fromEntries(Object.entries(plain)) : {};
}
