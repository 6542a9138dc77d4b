import { writeSync } from 'node:fs';
import { InterruptedError } from '../core/errors.ts';
import { EXIT } from './exit-code.ts';
import { remark } from './write.ts';

const SHOW_CURSOR = '\u001B[?25h';

let controller: AbortController | undefined;

/**
 * A signal that Ctrl-C, SIGTERM and a closed terminal abort; the same one for all of a process. The first one stops
 * cleanly: what runs on a host is ended and what was left undone is told; the second one ends bench at once. `shown`:
 * something on the screen says by itself that bench is stopping.
 */
export function interruptSignal(saying: 'told' | 'shown' = 'told'): AbortSignal {
  if (controller) return controller.signal;
  const own = new AbortController();
  controller = own;
  const stop = () => {
    if (own.signal.aborted) {
      // Past the stream: a view may have taken it over.
      if (process.stdout.isTTY) writeSync(process.stdout.fd, SHOW_CURSOR);
      process.exit(EXIT.interrupted);
    }
    if (saying === 'told') remark('\nstopping; once more to stop at once');
    own.abort(new InterruptedError());
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop);
  return own.signal;
}
