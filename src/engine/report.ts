import type { ActionResult } from '../contract/module.ts';
import type { ChangeRecord, Failure, Outcome } from '../contract/outcome.ts';
import type { Probe } from '../contract/probe.ts';
import { tailOf } from '../core/text.ts';
import type { TaskEntry } from '../playbook/play.ts';
import { SHOWN_LINES } from './failure.ts';

/** What came of one call of a module, before `changed_when` and `failed_when` judged it. */
export type Raw =
  | EndedRaw
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'unreachable'; readonly failure: Failure };

export interface EndedRaw {
  readonly kind: 'ended';
  readonly changed: boolean;
  readonly changes: readonly ChangeRecord[];
  readonly data: Readonly<Record<string, unknown>>;
  readonly notes: readonly string[];
  readonly facts: Readonly<Record<string, unknown>>;
  readonly failure: Failure | undefined;
  /** Nothing was done, in a check: of a `state` its changes are known, of a `verb` not even what it would answer. */
  readonly predicted: 'state' | 'verb' | undefined;
  /** The questions that this rests on, and what becomes of what they ask about; in a check only. */
  readonly probes: readonly Probe[];
  readonly fate: 'changed' | 'gone';
}

/** One item of a task, judged. A task without a loop has one. */
export interface ItemReport {
  readonly label: string;
  readonly outcome: Outcome;
  /** What `register` keeps of it. */
  readonly registered: Readonly<Record<string, unknown>>;
  readonly notes: readonly string[];
  readonly facts: Readonly<Record<string, unknown>>;
  /** What was changed, or would have been, whatever came of the rest. */
  readonly changes: readonly ChangeRecord[];
  readonly notified: ReadonlyMap<TaskEntry, string>;
  /** A failure of it ends the play for all hosts. */
  readonly isFatal: boolean;
  /** A check could not do it, so what comes after may go by other answers. */
  readonly isPredicted: boolean;
}

/** A task on one host. */
export type TaskReport = Omit<ItemReport, 'label'>;

export function endedRaw(parts: Partial<Omit<EndedRaw, 'kind'>>): EndedRaw {
  return {
    kind: 'ended',
    changed: false,
    changes: [],
    data: {},
    notes: [],
    facts: {},
    failure: undefined,
    predicted: undefined,
    probes: [],
    fate: 'changed',
    ...parts,
  };
}

/** What an action or a command answered, with its failure in full where it says that it failed. */
export function rawOfAction(result: ActionResult, what: string): EndedRaw {
  const data = result.data ?? {};
  const { rc, stdout, stderr } = data;
  const failure: Failure | undefined =
    result.failed === undefined
      ? undefined
      : {
          code: typeof rc === 'number' ? 'E_COMMAND_FAILED' : 'E_ACTION_FAILED',
          message: result.failed,
          ...(typeof rc === 'number' && { command: what, exitCode: rc }),
          ...(typeof stdout === 'string' && { stdout: tailOf(stdout, SHOWN_LINES) }),
          ...(typeof stderr === 'string' && { stderr: tailOf(stderr, SHOWN_LINES) }),
        };
  const changes = result.changed ? [{ what, before: null, after: null }] : [];
  return endedRaw({
    changed: result.changed,
    changes,
    data,
    notes: result.notes ?? [],
    facts: result.facts ?? {},
    failure,
  });
}

/** A task that came to its end without any item's being called. */
export function plainReport(outcome: Outcome, parts: Partial<TaskReport> = {}): TaskReport {
  const reason = outcome.status === 'skipped' ? { skip_reason: outcome.reason } : {};
  return {
    outcome,
    registered: { ...statusFlags(outcome), ...reason },
    notes: [],
    facts: {},
    changes: [],
    notified: new Map(),
    isFatal: false,
    isPredicted: false,
    ...parts,
  };
}

/** The report of a whole loop. */
export function joinReports(items: readonly ItemReport[]): TaskReport {
  const outcome = joinOutcomes(items);
  return {
    outcome,
    registered: { ...statusFlags(outcome), results: items.map(({ registered }) => registered) },
    notes: items.flatMap(({ notes }) => notes),
    facts: Object.assign({}, ...items.map(({ facts }) => facts)),
    changes: items.flatMap(({ changes }) => changes),
    notified: new Map(items.flatMap(({ notified }) => [...notified])),
    isFatal: items.some(({ isFatal }) => isFatal),
    isPredicted: items.some(({ isPredicted }) => isPredicted),
  };
}

function joinOutcomes(items: readonly ItemReport[]): Outcome {
  if (items.length === 0) return { status: 'skipped', reason: 'nothing to loop over' };
  const failed = items.flatMap(({ label, outcome }) =>
    outcome.status === 'failed' || outcome.status === 'unreachable' ? [{ label, outcome }] : [],
  );
  const counted = failed.filter(({ outcome }) => !outcome.isIgnored);
  const first = counted.find(({ outcome }) => outcome.status === 'unreachable') ?? counted[0] ?? failed[0];
  if (first) {
    const { failure } = first.outcome;
    const message = `${failed.length} of ${items.length} items failed; ${first.label}: ${failure.message}`;
    return { ...first.outcome, failure: { ...failure, message } };
  }
  const changes = items.flatMap(({ outcome }) => (outcome.status === 'changed' ? outcome.changes : []));
  if (items.some(({ outcome }) => outcome.status === 'changed')) return { status: 'changed', changes };
  const unknown = items.find(({ outcome }) => outcome.status === 'unknown');
  if (unknown) return unknown.outcome;
  const isSkipped = items.every(({ outcome }) => outcome.status === 'skipped');
  return isSkipped ? { status: 'skipped', reason: 'every item was skipped' } : { status: 'ok' };
}

/**
 * `changed`, `failed`, `skipped`, as registered results have them. What a check does not know has neither `changed` nor
 * `failed`, so that whatever depends on them is not known either.
 */
export function statusFlags(outcome: Outcome): Readonly<Record<string, unknown>> {
  const { status } = outcome;
  const flags = { skipped: status === 'skipped', unreachable: status === 'unreachable' };
  if (outcome.status === 'unknown') return { ...flags, unknown: true, msg: outcome.reason };
  return {
    changed: status === 'changed',
    failed: status === 'failed',
    ...flags,
    ...((outcome.status === 'failed' || outcome.status === 'unreachable') && { msg: outcome.failure.message }),
  };
}

/** What may be shown of a task with `no_log`: that it came out so, and nothing else. */
export function hiddenReport(report: TaskReport, module: string): TaskReport {
  const changes = report.changes.length > 0 ? [{ what: module, before: null, after: null }] : [];
  return { ...report, outcome: hiddenOutcome(report.outcome, module), notes: [], changes };
}

function hiddenOutcome(outcome: Outcome, module: string): Outcome {
  switch (outcome.status) {
    case 'changed':
      return { status: 'changed', changes: [{ what: module, before: null, after: null }] };
    case 'unknown':
      return { status: 'unknown', reason: 'no_log hides why' };
    case 'failed':
    case 'unreachable': {
      const { code, at } = outcome.failure;
      return { ...outcome, failure: { code, message: `${outcome.status}; no_log hides why`, ...(at && { at }) } };
    }
    default:
      return outcome;
  }
}
