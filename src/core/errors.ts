interface ErrorDetails {
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The world did not do what was asked. `code` is stable; `hint` is something the reader can type. */
export class BenchError extends Error {
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = details.hint;
  }
}

/** The host is not as a module needs it to be; nothing was changed. */
export class PreconditionError extends BenchError {
  constructor(message: string, hint?: string) {
    super('E_PRECONDITION', message, hint === undefined ? {} : { hint });
  }
}

/** The host cannot be talked to (any more). The task's outcome is `unreachable`. */
export class UnreachableError extends BenchError {}

/** A limit in time was reached. */
export class TimeLimitError extends BenchError {
  constructor(message: string, hint?: string) {
    super('E_TIME_LIMIT', message, hint === undefined ? {} : { hint });
  }
}

/** The user asked to stop. */
export class InterruptedError extends BenchError {
  constructor(message = 'interrupted') {
    super('E_INTERRUPTED', message);
  }
}

/** The one-line text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** A step ended with an exit code that it does not accept. */
export class StepFailedError extends BenchError {
  readonly command: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;

  constructor(step: {
    readonly command: string;
    readonly exitCode: number;
    readonly stdout: string;
    readonly stderr: string;
  }) {
    super('E_STEP_FAILED', `${step.command} ended with exit code ${step.exitCode}`);
    this.command = step.command;
    this.exitCode = step.exitCode;
    this.stdout = step.stdout;
    this.stderr = step.stderr;
  }
}

export const MISSED_MARK = 'E_MISSED_MARK';

/** Everything ran, and what had to be shown was not: exit code 4. */
export class MissedMarkError extends BenchError {
  constructor(message: string, hint?: string) {
    super(MISSED_MARK, message, hint === undefined ? {} : { hint });
  }
}
