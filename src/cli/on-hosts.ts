import type { HostName, Session } from '../contract/host.ts';
import { BenchError, InterruptedError, UnreachableError } from '../core/errors.ts';
import type { Controller } from './controller.ts';
import { EXIT } from './exit-code.ts';
import { remark } from './write.ts';

/**
 * Talks with one host outside a run. What the world gets wrong is told beside the host's name and becomes the exit code;
 * an interruption is thrown, as bugs are.
 */
export async function onHost(
  { connect }: Pick<Controller, 'connect'>,
  host: HostName,
  { label, signal }: { readonly label: string; readonly signal: AbortSignal },
  work: (session: Session) => Promise<number>,
): Promise<number> {
  try {
    return await work(await connect(host, signal));
  } catch (thrown) {
    if (!(thrown instanceof BenchError) || thrown instanceof InterruptedError) throw thrown;
    remark(`${label} ! ${thrown.message} [${thrown.code}]${thrown.hint ? `; ${thrown.hint}` : ''}`);
    return thrown instanceof UnreachableError ? EXIT.unreachable : EXIT.taskFailed;
  }
}
