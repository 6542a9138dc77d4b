import { z } from 'zod';
import type { ActionHost } from '../../contract/module.ts';
import { parseDurationMs } from '../../core/duration.ts';

/** Between two tries: often enough to tell a downtime in seconds, seldom enough to leave a booting host alone. */
export const POLL_MS = 1000;

/** Parameter that holds a span of time: seconds as a number, or a text such as `90s`, `10m`. */
export const duration = z
  .union([z.number().nonnegative(), z.string()])
  .refine(
    (value) => parseDurationMs(value) !== undefined,
    'not a span of time: seconds, or a text such as "90s", "10m", "1h30m"',
  );

export function toMs(value: number | string): number {
  return parseDurationMs(value) ?? 0;
}

/**
 * Runs `work` for at most `limitMs` of the host's clock. Its signal is aborted at the limit, and `undefined` is given then;
 * whatever `work` throws before that is thrown.
 */
export async function within<T>(
  host: ActionHost,
  limitMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const limit = new AbortController();
  const timer = new AbortController();
  const joined = AbortSignal.any([signal, limit.signal]);
  const timedOut = host.clock.sleep(limitMs, AbortSignal.any([signal, timer.signal])).then(
    () => {
      limit.abort();
      return undefined;
    },
    // Either the work ended first, or the run was interrupted: then `work` throws for both.
    () => new Promise<undefined>(() => {}),
  );
  try {
    return await Promise.race([work(joined), timedOut]);
  } catch (error) {
    if (limit.signal.aborted && !signal.aborted) return undefined;
    throw error;
  } finally {
    timer.abort();
  }
}
