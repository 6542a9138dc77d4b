import type { Failure, Outcome } from '../contract/outcome.ts';
import { DiagnosticError } from '../core/diagnostic.ts';
import { BenchError, InterruptedError, StepFailedError, UnreachableError } from '../core/errors.ts';
import { tailOf } from '../core/text.ts';
import type { TaskEntry } from '../playbook/play.ts';

/** Lines of a failed command's output that a reader is shown. */
const SHOWN_LINES = 20;

/**
 * What a task's outcome says of an error of the world or of the user's files. Rethrows everything else: an interruption
 * is nobody's failure, and an unknown error is a bug in bench.
 */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof InterruptedError) throw thrown;
  if (thrown instanceof DiagnosticError) {
    const [first, ...others] = thrown.diagnostics;
    if (!first) throw thrown;
    const message = [first.message, ...others.map((other) => other.message)].join('; ');
    return { code: first.code, message, ...(first.hint && { hint: first.hint }), ...(first.at && { at: first.at }) };
  }
  if (thrown instanceof StepFailedError) {
    return {
      code: thrown.code,
      message: thrown.message,
      command: thrown.command,
      exitCode: thrown.exitCode,
      stdout: tailOf(thrown.stdout, SHOWN_LINES),
      stderr: tailOf(thrown.stderr, SHOWN_LINES),
    };
  }
  if (thrown instanceof BenchError) {
    return { code: thrown.code, message: thrown.message, ...(thrown.hint && { hint: thrown.hint }) };
  }
  throw thrown;
}

export function failedOutcome(thrown: unknown): Outcome {
  const status = thrown instanceof UnreachableError ? 'unreachable' : 'failed';
  return { status, failure: failureOf(thrown), isIgnored: false };
}

/** Ends the way of one host through its play. Never seen by users. */
export class HostStop extends Error {
  readonly why: 'failed' | 'unreachable' | 'ended';
  readonly details: StopDetails;

  constructor(why: HostStop['why'], details: StopDetails = {}) {
    super(why);
    this.why = why;
    this.details = details;
  }
}

/** What stopped the host, as a rescue sees it. */
export interface StopDetails {
  readonly failure?: Failure;
  readonly task?: TaskEntry;
  readonly registered?: Readonly<Record<string, unknown>>;
  /** The play's other hosts must stop too. */
  readonly isFatal?: boolean;
}
