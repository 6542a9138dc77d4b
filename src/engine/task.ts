import type { TaskIdentity } from '../contract/event.ts';
import type { Outcome } from '../contract/outcome.ts';
import type { LocatedText } from '../contract/yaml-node.ts';
import { DiagnosticError } from '../core/diagnostic.ts';
import { BenchError } from '../core/errors.ts';
import type { TaskEntry } from '../playbook/play.ts';
import { evaluateCondition } from '../template/condition.ts';
import { renderNode } from '../template/render.ts';
import { callModule, type TaskCall } from './call.ts';
import { failedOutcome } from './failure.ts';
import type { HostContext } from './play-run.ts';
import { endedRaw, type ItemReport, joinReports, type Raw, statusFlags, type TaskReport } from './report.ts';
import { type Layer, type Scope, valueLayer } from './scope.ts';
import { readNumber, readSettings } from './settings.ts';
import { scopeFor } from './variables.ts';

/** Tries of a task with `until` that does not say how many. */
const DEFAULT_RETRIES = 3;
const DEFAULT_DELAY_S = 5;

/** Runs one task on one host, all its items, and judges it. Never throws for what the task or the host did. */
export async function executeTask(context: HostContext, task: TaskEntry, identity: TaskIdentity): Promise<TaskReport> {
  const { run, state } = context;
  const { options } = run;
  const scopeOf = (near: readonly Layer[]): Scope =>
    scopeFor(run.sources, state.host, task.attributes.vars, [...near, ...context.near]);
  try {
    const bare = scopeOf([]);
    const items = loopItems(task, bare);
    if (items === 'skipped') return skippedReport('a condition is false');
    const scopes = items.map((item) => scopeOf(item ? [item.layer] : []));
    const skips = scopes.map((scope) => skipOf(task, scope, state.hasPredicted));
    const [reason] = skips;
    if (!task.loop && reason?.kind === 'skipped') return skippedReport(reason.reason);
    const settings = readSettings(task.attributes, state.host, bare, options);
    const module = options.modules.get(task.module);
    if (!module) throw new BenchError('E_UNKNOWN_MODULE', `there is no module "${task.module}"`);
    const call: TaskCall = {
      run,
      task,
      identity,
      module,
      settings,
      host: state.host,
      hasPredicted: state.hasPredicted,
    };
    const raws = await callItems(call, scopes, skips);
    const reports = raws.map((raw, index) => judge(call, raw, items[index], scopes[index] ?? bare));
    if (task.loop && settings.isLogged) {
      for (const { label, outcome } of reports)
        options.emit({ type: 'taskItem', task: identity, host: state.host, label, outcome });
    }
    return withIgnored(joinReports(reports, task.loop !== undefined), settings);
  } catch (thrown) {
    return brokenReport(context, thrown);
  }
}

interface Item {
  readonly value: unknown;
  readonly index: number;
  readonly layer: Layer;
}

function loopItems(task: TaskEntry, scope: Scope): readonly (Item | undefined)[] | 'skipped' {
  if (!task.loop) return [undefined];
  let values: unknown;
  try {
    values = renderNode(task.loop, scope);
  } catch (thrown) {
    if (isFalseWithoutItem(task.attributes.when, scope)) return 'skipped';
    throw thrown;
  }
  if (!Array.isArray(values)) {
    const message = `loop needs a list, got ${JSON.stringify(values)}`;
    throw new DiagnosticError([{ code: 'E_WRONG_VALUE', at: task.loop.at, message }]);
  }
  const { loop_var, index_var } = task.loopControl;
  return values.map((value: unknown, index) => ({
    value,
    index,
    layer: valueLayer({ [loop_var]: value, ...(index_var && { [index_var]: index }) }),
  }));
}

/** A loop over something undefined is no error where a condition that does not need the item is false. */
function isFalseWithoutItem(when: readonly LocatedText[], scope: Scope): boolean {
  try {
    return when.some((condition) => !evaluateCondition(condition, scope));
  } catch (thrown) {
    if (thrown instanceof DiagnosticError) return false;
    throw thrown;
  }
}

/** What is not skipped goes to the module together, or one by one where retries or pauses ask for it. */
async function callItems(
  call: TaskCall,
  scopes: readonly Scope[],
  skips: readonly (Raw | undefined)[],
): Promise<readonly Raw[]> {
  const { task, run } = call;
  const raws = [...skips];
  const due = scopes.flatMap((scope, index) => (raws[index] ? [] : [{ scope, index }]));
  const isOneByOne = task.until.length > 0 || task.loopControl.pause !== undefined;
  if (!isOneByOne) {
    const called = await callModule(
      call,
      due.map(({ scope }) => scope),
    );
    for (const [place, { index }] of due.entries()) raws[index] = called[place];
  } else {
    for (const [place, { scope, index }] of due.entries()) {
      const pauseS = readNumber(task.loopControl.pause, scope) ?? 0;
      if (place > 0 && pauseS > 0) await run.options.clock.sleep(pauseS * 1000, run.options.signal);
      raws[index] = await callUntil(call, scope);
    }
  }
  return raws.map((raw) => raw ?? endedRaw({}));
}

function skipOf(task: TaskEntry, scope: Scope, hasPredicted: boolean): Raw | undefined {
  try {
    const failing = task.attributes.when.find((condition) => !evaluateCondition(condition, scope));
    return failing && { kind: 'skipped', reason: `${failing.text} is false` };
  } catch (thrown) {
    const outcome = failedOutcome(thrown);
    if (outcome.status !== 'failed') throw thrown;
    return hasPredicted ? { kind: 'unknown', reason: outcome.failure.message } : endedRaw({ failure: outcome.failure });
  }
}

async function callUntil(call: TaskCall, scope: Scope): Promise<Raw> {
  const { task, run, identity, host } = call;
  const { clock, signal, emit } = run.options;
  const tries = (readNumber(task.retries, scope) ?? DEFAULT_RETRIES) + 1;
  const delayMs = (readNumber(task.delay, scope) ?? DEFAULT_DELAY_S) * 1000;
  for (let attempt = 1; ; attempt += 1) {
    const [raw = endedRaw({})] = await callModule(call, [scope]);
    if (raw.kind !== 'ended' || task.until.length === 0 || call.settings.mode === 'check') return raw;
    const after = withResult(task, raw, scope);
    if (task.until.every((condition) => evaluateCondition(condition, after)))
      return { ...raw, data: { ...raw.data, attempts: attempt } };
    if (attempt >= tries) {
      const message =
        raw.failure?.message ??
        `${task.until.map(({ text }) => text).join(' and ')} is still false after ${attempt} tries`;
      const failure = { ...(raw.failure ?? { code: 'E_UNTIL' }), message };
      return { ...raw, failure, data: { ...raw.data, attempts: attempt } };
    }
    emit({ type: 'taskRetried', task: identity, host, attempt, of: tries });
    await clock.sleep(delayMs, signal);
  }
}

/** The scope with the task's own result under its registered name, as `until`, `changed_when` and `failed_when` see it. */
function withResult(task: TaskEntry, raw: Extract<Raw, { kind: 'ended' }>, scope: Scope): Scope {
  if (!task.register) return scope;
  const result = { changed: raw.changed, failed: raw.failure !== undefined, skipped: false, ...raw.data };
  return new Proxy(scope, {
    get: (inner, name) => (name === task.register ? result : Reflect.get(inner, name)),
    has: (inner, name) => name === task.register || Reflect.has(inner, name),
    getOwnPropertyDescriptor: (inner, name) =>
      name === task.register
        ? { configurable: true, enumerable: true, value: result }
        : Reflect.getOwnPropertyDescriptor(inner, name),
  });
}

function judge(call: TaskCall, raw: Raw, item: Item | undefined, scope: Scope): ItemReport {
  const { task } = call;
  const label = item ? labelOf(task, item, scope) : '';
  const outcome = outcomeOf(call, raw, scope);
  const ended = raw.kind === 'ended' ? raw : undefined;
  const reason = outcome.status === 'skipped' ? { skip_reason: outcome.reason } : {};
  return {
    label,
    item: item?.value,
    outcome,
    registered: { ...ended?.data, ...reason, ...statusFlags(outcome) },
    notes: ended?.notes ?? [],
    facts: outcome.status === 'failed' ? {} : (ended?.facts ?? {}),
  };
}

function outcomeOf(call: TaskCall, raw: Raw, scope: Scope): Outcome {
  const { task } = call;
  if (raw.kind === 'skipped') return { status: 'skipped', reason: raw.reason };
  if (raw.kind === 'unknown') return { status: 'unknown', reason: raw.reason };
  if (raw.kind === 'unreachable') return { status: 'unreachable', failure: raw.failure, isIgnored: false };
  const isPredicted = raw.data['predicted'] === true;
  try {
    const after = task.failedWhen.length + task.changedWhen.length > 0 ? withResult(task, raw, scope) : scope;
    const holds = (conditions: readonly LocatedText[]) =>
      conditions.every((condition) => evaluateCondition(condition, after));
    if (task.failedWhen.length > 0 && !isPredicted) {
      if (holds(task.failedWhen)) return failedBy(task, raw);
    } else if (raw.failure) {
      return { status: 'failed', failure: raw.failure, isIgnored: false };
    }
    const changed = task.changedWhen.length > 0 && !isPredicted ? holds(task.changedWhen) : raw.changed;
    if (!changed) return { status: 'ok' };
    return {
      status: 'changed',
      changes: raw.changes.length > 0 ? raw.changes : [{ what: task.module, before: null, after: null }],
    };
  } catch (thrown) {
    return failedOutcome(thrown);
  }
}

function failedBy(task: TaskEntry, raw: Extract<Raw, { kind: 'ended' }>): Outcome {
  const text = task.failedWhen.map((condition) => condition.text).join(' and ');
  const at = task.failedWhen[0]?.at;
  const failure = raw.failure ?? { code: 'E_FAILED_WHEN', message: `failed_when holds: ${text}`, ...(at && { at }) };
  return { status: 'failed', failure, isIgnored: false };
}

function labelOf(task: TaskEntry, item: Item, scope: Scope): string {
  const label = task.loopControl.label ? renderNode(task.loopControl.label, scope) : item.value;
  return typeof label === 'string' ? label : (JSON.stringify(label) ?? String(label));
}

function withIgnored(report: TaskReport, settings: TaskCall['settings']): TaskReport {
  const { outcome } = report;
  if (outcome.status === 'failed') return { ...report, outcome: { ...outcome, isIgnored: settings.ignoresErrors } };
  if (outcome.status === 'unreachable')
    return { ...report, outcome: { ...outcome, isIgnored: settings.ignoresUnreachable } };
  return report;
}

function skippedReport(reason: string): TaskReport {
  const outcome: Outcome = { status: 'skipped', reason };
  return { outcome, registered: { ...statusFlags(outcome), skip_reason: reason }, notes: [], facts: {} };
}

/** The task could not even be called: its keywords or its loop cannot be rendered. */
function brokenReport({ run, state }: HostContext, thrown: unknown): TaskReport {
  const failed = failedOutcome(thrown);
  const isUnknown = run.options.mode === 'check' && state.hasPredicted && failed.status === 'failed';
  const outcome: Outcome = isUnknown ? { status: 'unknown', reason: failed.failure.message } : failed;
  return { outcome, registered: statusFlags(outcome), notes: [], facts: {} };
}
