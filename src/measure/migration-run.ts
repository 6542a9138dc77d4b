import type { FailureReading } from '../contract/hypervisor.ts';
import type { ActionHost } from '../contract/module.ts';
import { formatDuration } from '../core/duration.ts';
import { messageOf } from '../core/errors.ts';
import { programText } from './program.ts';

export interface MigrationRun {
  /** Toolstack's text and clock marks, as source.sh wrote them. */
  readonly stream: Uint8Array;
  /** Why the command did not come to its own end. */
  readonly broken: FailureReading | undefined;
}

/**
 * Runs the migrate command on the source under the program that marks its output with the time. Never throws: whatever
 * happens, the hosts have to be asked where the guest is. When `signal` is aborted or the limit passes, the command gets
 * SIGTERM: xl then lets the guest go on at the source.
 */
export async function runMigration(
  host: ActionHost,
  argv: readonly string[],
  limits: { readonly spacingMs: number; readonly limitMs: number },
  signal: AbortSignal,
): Promise<MigrationRun> {
  const pieces: Uint8Array[] = [];
  let errors = '';
  const outOfTime = new AbortController();
  const done = new AbortController();
  const timer = host.clock.sleep(limits.limitMs, done.signal).then(
    () => outOfTime.abort(),
    () => {},
  );
  let broken: FailureReading | undefined;
  try {
    const session = await host.session();
    const { code } = await session.stream(
      ['bash', '-c', programText('source.sh'), 'bench-source', String(limits.spacingMs / 1000), ...argv],
      {
        privilege: host.privilege,
        onStdout: (piece) => pieces.push(piece),
        onStderr(piece) {
          errors += Buffer.from(piece).toString('utf8');
        },
        signal: AbortSignal.any([signal, outOfTime.signal]),
      },
    );
    if (pieces.length === 0 && !signal.aborted)
      broken = { cause: `the program on ${host.name} ended with exit code ${code}: ${errors.trim() || 'no message'}` };
  } catch (thrown) {
    broken = { cause: `the contact to ${host.name} was lost while the migration ran: ${messageOf(thrown)}` };
  }
  done.abort();
  await timer;
  if (outOfTime.signal.aborted)
    broken = { cause: `the migration took longer than ${formatDuration(limits.limitMs)} and was ended` };
  if (signal.aborted) broken = { cause: 'interrupted' };
  return { stream: joined(pieces), broken };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(pieces));
}
