import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../contract/clock.ts';

/** The controller's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  async sleep(ms, signal) {
    signal.throwIfAborted();
    try {
      await wait(ms, undefined, { signal });
    } catch (thrown) {
      throw signal.aborted ? signal.reason : thrown;
    }
  },
};
