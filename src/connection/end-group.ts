import { launch, type LaunchOptions } from './launch.ts';
import type { Transport } from './transport.ts';

/**
 * Ends a process group on the host through a channel of its own: SIGTERM, and SIGKILL for what is left after two seconds.
 * Resolves when that is done.
 */
export async function endGroup(
  transport: Transport,
  options: Omit<LaunchOptions, 'body'>,
  group: number,
): Promise<void> {
  // 0 and 1 stand for other groups than the one that is meant.
  if (!Number.isInteger(group) || group <= 1) return;
  const body = [
    `kill -TERM -${group} 2>/dev/null; i=0`,
    `while [ $i -lt 20 ] && kill -0 -${group} 2>/dev/null; do sleep 0.1 2>/dev/null || sleep 1; i=$((i+1)); done`,
    `kill -KILL -${group} 2>/dev/null`,
    `printf "\\036${options.nonce} H 0 0\\n"`,
  ].join('; ');
  const { channel, hello } = await launch(transport, { ...options, body }, { onBytes: () => {}, onMarker: () => {} });
  try {
    await hello;
  } finally {
    channel.close();
  }
}
