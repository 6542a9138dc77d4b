import type { ChangeRecord, Failure, Outcome } from '../contract/outcome.ts';
import type { LocatedText } from '../contract/yaml-node.ts';
import { DiagnosticError } from '../core/diagnostic.ts';
import type { TaskEntry } from '../playbook/play.ts';
import { evaluateCondition } from '../template/condition.ts';
import { failureOf } from './failure.ts';
import { type Foresight, isDoubtful } from './foresight.ts';
import type { Item } from './items.ts';
import { handlersFor } from './notify.ts';
import type { HostContext } from './play-run.ts';
import { type EndedRaw, type ItemReport, type Raw, statusFlags } from './report.ts';
import type { Scope } from './scope.ts';

/** What came of an item, and what its conditions and its registered variable see of it. */
export interface Verdict {
  readonly raw: Raw;
  readonly outcome: Outcome;
}

/** What a check has foretold for the hosts that an item depends on; undefined where everything was really done. */
export function foresightsOf(item: Item, { run, state }: HostContext): readonly Foresight[] | undefined {
  const settings = item.way.kind === 'call' ? item.way.settings : undefined;
  if (run.options.mode !== 'check' && settings?.mode !== 'check') return undefined;
  const target = settings && run.states.get(settings.target);
  return target && target !== state ? [state.foresight, target.foresight] : [state.foresight];
}

/** Judges an item by `failed_when` and `changed_when`. In a check, what an earlier change may decide is not known. */
export function judge(task: TaskEntry, item: Item, raw: Raw, context: HostContext): Verdict {
  const outcome = outcomeOf(task, item, raw);
  const foresights = foresightsOf(item, context);
  if (!foresights?.some(({ isAny }) => isAny)) return { raw, outcome };
  if (outcome.status === 'failed') {
    const reason = `earlier changes would have to be real first: ${outcome.failure.message}`;
    return { raw, outcome: { status: 'unknown', reason } };
  }
  if (outcome.status === 'ok' && raw.kind === 'ended') {
    if (foresights.some((foresight) => isDoubtful(foresight, raw.probes))) {
      return {
        raw,
        outcome: { status: 'unknown', reason: 'an earlier task would have changed what this one looks at' },
      };
    }
  }
  return { raw, outcome };
}

function outcomeOf(task: TaskEntry, item: Item, raw: Raw): Outcome {
  switch (raw.kind) {
    case 'skipped':
      return { status: 'skipped', reason: raw.reason };
    case 'unknown':
      return { status: 'unknown', reason: raw.reason };
    case 'unreachable': {
      const isIgnored = item.way.kind === 'call' && item.way.settings.ignoresUnreachable;
      return { status: 'unreachable', failure: raw.failure, isIgnored };
    }
    case 'ended': {
      const hasConditions = task.failedWhen.length + task.changedWhen.length > 0;
      const scope = hasConditions ? item.scopeWith(resultOf(raw)) : item.scope;
      return raw.predicted ? predictedOutcome(task, raw, scope) : endedOutcome(task, item, raw, scope);
    }
  }
}

function endedOutcome(task: TaskEntry, item: Item, raw: EndedRaw, scope: Scope): Outcome {
  try {
    const failure = failureBy(task, raw, scope);
    if (failure) return failedOutcome(item, failure);
    const changed = task.changedWhen.length > 0 ? holds(task.changedWhen, scope) : raw.changed;
    return changed ? { status: 'changed', changes: changesOf(task, raw) } : { status: 'ok' };
  } catch (thrown) {
    return failedOutcome(item, failureOf(thrown));
  }
}

function failedOutcome({ way }: Item, failure: Failure): Outcome {
  return { status: 'failed', failure, isIgnored: way.kind === 'call' && way.settings.ignoresErrors };
}

/** Where its conditions need what was not done, a verb's outcome is not known; that it would not count as changed is no `ok`. */
function predictedOutcome(task: TaskEntry, raw: EndedRaw, scope: Scope): Outcome {
  const changed: Outcome = { status: 'changed', changes: changesOf(task, raw) };
  if (task.changedWhen.length === 0) return changed;
  const unknown: Outcome = { status: 'unknown', reason: raw.changes[0]?.what ?? task.module };
  try {
    if (holds(task.changedWhen, scope)) return changed;
    return raw.predicted === 'verb' ? unknown : { status: 'ok' };
  } catch (thrown) {
    if (thrown instanceof DiagnosticError) return unknown;
    throw thrown;
  }
}

function failureBy(task: TaskEntry, raw: EndedRaw, scope: Scope): Failure | undefined {
  const { failedWhen } = task;
  const [first] = failedWhen;
  if (!first) return raw.failure;
  try {
    if (!holds(failedWhen, scope)) return undefined;
  } catch (thrown) {
    // The result of what failed lacks what the condition looks for: the failure itself says more.
    if (thrown instanceof DiagnosticError && raw.failure) return raw.failure;
    throw thrown;
  }
  const text = failedWhen.map((condition) => condition.text).join(' and ');
  return raw.failure ?? { code: 'E_FAILED_WHEN', message: `failed_when holds: ${text}`, at: first.at };
}

function holds(conditions: readonly LocatedText[], scope: Scope): boolean {
  return conditions.every((condition) => evaluateCondition(condition, scope));
}

function changesOf(task: TaskEntry, raw: EndedRaw): readonly ChangeRecord[] {
  return raw.changes.length > 0 ? raw.changes : [{ what: task.module, before: null, after: null }];
}

/** A call's result before it is judged. */
function resultOf(raw: EndedRaw): Readonly<Record<string, unknown>> {
  return {
    changed: raw.changed,
    failed: raw.failure !== undefined,
    skipped: false,
    ...commandData(raw.failure),
    ...raw.data,
  };
}

/** What `register` keeps of a judged item. */
export function registeredOf({ raw, outcome }: Verdict): Readonly<Record<string, unknown>> {
  const flags = statusFlags(outcome);
  if (outcome.status === 'unknown') return flags;
  if (outcome.status === 'skipped') return { ...flags, skip_reason: outcome.reason };
  return raw.kind === 'ended' ? { ...commandData(raw.failure), ...raw.data, ...flags } : flags;
}

/** Where a step of a module failed, its output under the names that a command's has. */
function commandData(failure: Failure | undefined): Readonly<Record<string, unknown>> {
  const { exitCode, stdout, stderr } = failure ?? {};
  return {
    ...(exitCode !== undefined && { rc: exitCode }),
    ...(stdout !== undefined && { stdout }),
    ...(stderr !== undefined && { stderr }),
  };
}

/** The whole report of an item. What its task notifies is found out only now: a name may hold the result. */
export function reportOf(task: TaskEntry, item: Item, verdict: Verdict, context: HostContext): ItemReport {
  const { raw } = verdict;
  let { outcome } = verdict;
  let notified: ItemReport['notified'] = new Map();
  if (outcome.status === 'changed' && task.notify.length > 0) {
    try {
      notified = handlersFor(task.notify, item.scopeWith(registeredOf(verdict)), context);
    } catch (thrown) {
      outcome = failedOutcome(item, failureOf(thrown));
    }
  }
  const ended = raw.kind === 'ended' ? raw : undefined;
  const isState = context.run.options.modules.get(task.module)?.kind === 'resource';
  return {
    label: item.label,
    outcome,
    registered: { ...registeredOf({ raw, outcome }), ...item.marks },
    notes: outcome.status === 'unknown' ? [] : (ended?.notes ?? []),
    facts: outcome.status === 'ok' || outcome.status === 'changed' ? (ended?.facts ?? {}) : {},
    changes:
      outcome.status === 'changed'
        ? outcome.changes
        : outcome.status === 'failed' && isState
          ? (ended?.changes ?? [])
          : [],
    notified,
    isFatal: item.way.kind === 'call' && item.way.settings.isFatalForAll,
    isPredicted: ended?.predicted !== undefined || outcome.status === 'unknown',
  };
}
