import { atMost } from './at-most.ts';
import { type LaunchOptions, launch } from './launch.ts';
import type { Transport } from './transport.ts';

/** So long a connection that may be dead is waited for. */
const OPEN_MS = 3_000;
/** So long the ending itself may take, on a host that is busy. */
const END_MS = 10_000;

/**
 * Ends a process group on the host through a channel of its own: SIGTERM, and SIGKILL for what is left after two seconds.
 * Resolves when that is done, or when it shows that it cannot be done.
 */
export async function endGroup(
  transport: Transport,
  options: Omit<LaunchOptions, 'body'>,
  group: number,
): Promise<void> {
  // 0 and 1 stand for other groups than the one that is meant.
  if (!Number.isInteger(group) || group <= 1) return;
  const body = [
    // A dead process that nobody has waited for still counts for kill: only its state tells.
    `alive() { kill -0 -${group} 2>/dev/null || return 1; for f in /proc/[0-9]*/stat; do read -r l <$f || continue; set -- \${l##*) }; if [ "$3" = ${group} ] && [ "$1" != Z ] && [ "$1" != X ]; then return 0; fi; done 2>/dev/null; return 1; }`,
    `kill -TERM -${group} 2>/dev/null`,
    // A look at all processes costs more than a look at one, so there are few of them.
    'for s in 0.05 0.1 0.2 0.4 0.5 0.8; do if alive; then sleep $s 2>/dev/null || sleep 1; fi; done',
    `kill -KILL -${group} 2>/dev/null`,
    `printf "\\036${options.nonce} H 0 0\\n"`,
  ].join('; ');
  const launching = launch(transport, { ...options, body }, { onBytes: () => {}, onMarker: () => {} });
  const launched = await atMost(OPEN_MS, options.clock, launching);
  if (!launched) return;
  await atMost(END_MS, options.clock, launched.hello);
  launched.channel.close();
}
