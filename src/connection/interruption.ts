import { BenchError, InterruptedError } from '../core/errors.ts';

/** What to throw for a signal that was given: its own reason where bench made it. */
export function interruptionOf(signal: AbortSignal): BenchError {
  return signal.reason instanceof BenchError ? signal.reason : new InterruptedError();
}
