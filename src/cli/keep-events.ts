import { BenchError, InterruptedError } from '../core/errors.ts';
import type { RunWriter } from '../store/run-store.ts';

export interface KeptRun extends RunWriter {
  /** Throws why an event could not be stored, if one could not. */
  assertKept(): void;
}

/**
 * A writer whose disk may fill up in the middle of a run. Events come from the depths of connections, where nobody can
 * catch: what cannot be stored stops the run as Ctrl-C does, and is thrown when it has stopped.
 */
export function keepEvents(writer: RunWriter, stop: AbortController): KeptRun {
  let fault: BenchError | undefined;
  return {
    ...writer,
    event(event) {
      try {
        if (!fault) writer.event(event);
      } catch (thrown) {
        if (!(thrown instanceof BenchError)) throw thrown;
        fault = thrown;
        stop.abort(new InterruptedError('the run can no longer be stored'));
      }
    },
    assertKept() {
      if (fault) throw fault;
    },
  };
}
