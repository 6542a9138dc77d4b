import { InterruptedError } from '../core/errors.ts';
import { EXIT } from './exit-code.ts';
import { remark } from './write.ts';

/**
 * A signal that Ctrl-C and SIGTERM abort. The first one stops cleanly: what runs on a host is ended and what was left
 * undone is told; the second one ends bench at once.
 */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    remark('\nstopping; once more to stop at once');
    controller.abort(new InterruptedError());
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller.signal;
}
