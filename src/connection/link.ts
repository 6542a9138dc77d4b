import { interruptionOf } from './interruption.ts';
import { type Dial, NotOpenedError, type Transport } from './transport.ts';

/** One connection that all callers share, made anew when it is found dead. */
export interface Link {
  /**
   * Gives the connection to `begin`, which opens a channel on it. Where that shows that the connection is dead, nothing
   * has run on it yet: it is made anew and `begin` called once more.
   */
  use<T>(signal: AbortSignal, begin: (transport: Transport) => Promise<T>): Promise<T>;
  drop(): Promise<void>;
}

export function createLink(dial: Dial): Link {
  let current: Promise<Transport> | undefined;

  async function connected(signal: AbortSignal): Promise<Transport> {
    for (;;) {
      if (signal.aborted) throw interruptionOf(signal);
      const isMine = current === undefined;
      current ??= dial(signal);
      const attempt = current;
      try {
        const transport = await attempt;
        if (transport.isAlive()) return transport;
      } catch (error) {
        if (current === attempt) current = undefined;
        // Another caller's interruption is no reason for this one to fail.
        if (isMine || !isAbort(error)) throw error;
        continue;
      }
      if (current === attempt) current = undefined;
    }
  }

  return {
    async use(signal, begin) {
      const transport = await connected(signal);
      try {
        return await begin(transport);
      } catch (error) {
        if (transport.isAlive() || !(error instanceof NotOpenedError)) throw error;
        return begin(await connected(signal));
      }
    },
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
