import { EXIT } from './exit-code.ts';

/** A reader that went away: `| head`, a terminal that was closed. */
const GONE: ReadonlySet<string> = new Set(['EPIPE', 'EIO', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

/**
 * Keeps a broken output from ending bench. What is written for a reader that has gone is dropped, so that a run does not
 * leave hosts half changed; a disk that is full is told once and shows in the exit code.
 */
export function guardStreams(): void {
  let isTold = false;
  const onError = (error: Error & { readonly code?: string }) => {
    if (isTold || GONE.has(error.code ?? '')) return;
    isTold = true;
    process.stderr.write(`cannot write the output: ${error.message} [E_OUTPUT]\n`);
    process.once('exit', () => {
      if (process.exitCode === EXIT.done) process.exitCode = EXIT.badInput;
    });
  };
  process.stdout.on('error', onError);
  process.stderr.on('error', onError);
}
