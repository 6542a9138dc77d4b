import type { ActionHost } from '../../contract/module.ts';
import type { CommandAnswer, CommandProbe } from '../../contract/probe.ts';
import { TimeLimitError, UnreachableError } from '../../core/errors.ts';
import { POLL_MS, within } from './wait.ts';

interface Insistence {
  readonly probe: CommandProbe;
  /** What is waited for, for people. */
  readonly what: string;
  /** Exit code that is needed; any when absent. */
  readonly accept?: number;
  /** On the host's monotonic clock. */
  readonly deadlineMs: number;
}

/**
 * Asks over and over until the answer is accepted; throws `TimeLimitError` at the deadline. A host that cannot be reached
 * meanwhile is asked again: while it boots, it may take its network down once more.
 */
export async function insist(
  host: ActionHost,
  { probe, what, accept, deadlineMs }: Insistence,
  signal: AbortSignal,
): Promise<CommandAnswer> {
  const { clock } = host;
  for (;;) {
    const leftMs = Math.max(1, deadlineMs - clock.monotonicMs());
    const answer = await within(host, leftMs, signal, (limited) => answerOf(host, probe, limited));
    if (answer && (accept === undefined || answer.code === accept)) return answer;
    if (clock.monotonicMs() >= deadlineMs) {
      const said = answer?.stderr.trim() ?? '';
      throw new TimeLimitError(
        `${host.name} is back, but waited in vain for: ${what}${said && ` (${said})`}`,
        `look: ssh ${host.name} systemctl list-jobs`,
      );
    }
    host.report(`back, waiting for: ${what}`);
    await clock.sleep(POLL_MS, signal);
  }
}

async function answerOf(
  host: ActionHost,
  probe: CommandProbe,
  signal: AbortSignal,
): Promise<CommandAnswer | undefined> {
  try {
    const [answer] = await host.ask([probe], signal);
    return answer;
  } catch (error) {
    if (error instanceof UnreachableError) return undefined;
    throw error;
  }
}
