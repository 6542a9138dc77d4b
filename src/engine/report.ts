import type { ActionResult } from '../contract/module.ts';
import type { ChangeRecord, Failure, Outcome } from '../contract/outcome.ts';
import { tailOf } from '../core/text.ts';

/** What came of one call of a module, before `changed_when` and `failed_when` judged it. */
export type Raw =
  | {
      readonly kind: 'ended';
      readonly changed: boolean;
      readonly changes: readonly ChangeRecord[];
      readonly data: Readonly<Record<string, unknown>>;
      readonly notes: readonly string[];
      readonly facts: Readonly<Record<string, unknown>>;
      readonly failure: Failure | undefined;
    }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'unreachable'; readonly failure: Failure };

/** One item of a task, judged. A task without a loop has one. */
export interface ItemReport {
  readonly label: string;
  readonly item: unknown;
  readonly outcome: Outcome;
  /** What `register` keeps of it. */
  readonly registered: Readonly<Record<string, unknown>>;
  readonly notes: readonly string[];
  readonly facts: Readonly<Record<string, unknown>>;
}

/** A task on one host. */
export interface TaskReport {
  readonly outcome: Outcome;
  readonly registered: Readonly<Record<string, unknown>>;
  readonly notes: readonly string[];
  readonly facts: Readonly<Record<string, unknown>>;
}

export function endedRaw(parts: Partial<Omit<Extract<Raw, { kind: 'ended' }>, 'kind'>>): Raw {
  return { kind: 'ended', changed: false, changes: [], data: {}, notes: [], facts: {}, failure: undefined, ...parts };
}

const SHOWN_LINES = 20;

/** What an action or a command answered, with its failure in full where it says that it failed. */
export function rawOfAction(result: ActionResult, what: string): Raw {
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

/** The outcome of a whole task from those of its items. */
export function joinReports(items: readonly ItemReport[], isLoop: boolean): TaskReport {
  const notes = items.flatMap((item) => item.notes);
  const facts = Object.assign({}, ...items.map((item) => item.facts));
  const [only] = items;
  if (!isLoop && only) return { outcome: only.outcome, registered: only.registered, notes, facts };
  const outcome = joinOutcomes(items);
  const registered = {
    ...statusFlags(outcome),
    results: items.map(({ registered: kept, item }) => ({ ...kept, item })),
  };
  return { outcome, registered, notes, facts };
}

function joinOutcomes(items: readonly ItemReport[]): Outcome {
  if (items.length === 0) return { status: 'skipped', reason: 'nothing to loop over' };
  const failed = items.filter(({ outcome }) => outcome.status === 'failed' || outcome.status === 'unreachable');
  const [first] = failed;
  if (first && (first.outcome.status === 'failed' || first.outcome.status === 'unreachable')) {
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

/** `changed`, `failed`, `skipped`, as registered results have them. */
export function statusFlags(outcome: Outcome): Readonly<Record<string, unknown>> {
  const { status } = outcome;
  return {
    changed: status === 'changed',
    failed: status === 'failed',
    skipped: status === 'skipped',
    unreachable: status === 'unreachable',
    ...(outcome.status === 'failed' && { msg: outcome.failure.message }),
    ...(outcome.status === 'unreachable' && { msg: outcome.failure.message }),
  };
}
