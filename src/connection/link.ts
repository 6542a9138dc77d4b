import type { Dial, Transport } from './transport.ts';

/** One connection that all callers share, made anew when it is found dead. */
export interface Link {
  transport(signal: AbortSignal): Promise<Transport>;
  drop(): Promise<void>;
}

export function createLink(dial: Dial): Link {
  let current: Promise<Transport> | undefined;

  async function transport(signal: AbortSignal): Promise<Transport> {
    for (;;) {
      signal.throwIfAborted();
      const mine = current === undefined;
      current ??= dial(signal);
      const attempt = current;
      try {
        const found = await attempt;
        if (found.isAlive()) return found;
      } catch (error) {
        if (current === attempt) current = undefined;
        // Another caller's interruption is no reason for this one to fail.
        if (mine || !isAbort(error)) throw error;
        continue;
      }
      if (current === attempt) current = undefined;
    }
  }

  return {
    transport,
    async drop() {
      const old = current;
      current = undefined;
      await (await old?.catch(() => undefined))?.close();
    },
  };
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'InterruptedError');
}
