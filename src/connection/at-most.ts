import type { Clock } from '../contract/clock.ts';

/** The promise's value, or undefined when it takes longer or fails. */
export async function atMost<T>(ms: number, clock: Clock, promise: Promise<T>): Promise<T | undefined> {
  const enough = new AbortController();
  const late = clock.sleep(ms, enough.signal).then(
    () => undefined,
    () => undefined,
  );
  try {
    return await Promise.race([promise.catch(() => undefined), late]);
  } finally {
    enough.abort();
  }
}
