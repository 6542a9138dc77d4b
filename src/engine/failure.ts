import type { Failure } from '../contract/outcome.ts';
import { DiagnosticError } from '../core/diagnostic.ts';
import { BenchError, InterruptedError, StepFailedError } from '../core/errors.ts';
import { tailOf } from '../core/text.ts';
import type { TaskEntry } from '../playbook/play.ts';

/** Lines of a failed command's output that a reader is shown. */
export const SHOWN_LINES = 20;

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

/** The value, or what is given in its place where the user's files are wrong about it. */
export function unlessMistaken<T>(work: () => T, otherwise: T): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof DiagnosticError) return otherwise;
    throw thrown;
  }
}

/** Ends the way of one host through its play. Never seen by users. */
export class HostStop extends Error {
  /** `ended`: the playbook said so; `stopped`: what another host did ends the play for all. */
  readonly why: 'failed' | 'unreachable' | 'ended' | 'stopped';
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
  readonly task?: Pick<TaskEntry, 'name' | 'module'>;
  readonly registered?: Readonly<Record<string, unknown>>;
  /** It is a handler, which stays notified unless something rescues it. */
  readonly handler?: TaskEntry | undefined;
  /** The play's other hosts must stop too. */
  readonly isFatal?: boolean;
  /** The host's own tally has the failure: another host's `run_once` is counted there. */
  readonly isCounted?: boolean;
}
