import type { Connect, HostName } from '../contract/host.ts';
import type { Ledger } from './ledger.ts';
import type { EngineOptions } from './options.ts';

/** `connect` that tells of each host's first connection, and how long it took. */
export function createConnecting({ connect, clock, emit }: EngineOptions, ledger: Ledger): Connect {
  const told = new Set<HostName>();
  return async (host, signal) => {
    if (told.has(host)) return connect(host, signal);
    const begin = clock.monotonicMs();
    const session = await ledger.track('connecting', () => connect(host, signal));
    if (!told.has(host)) emit({ type: 'hostConnected', host, elapsedMs: clock.monotonicMs() - begin });
    told.add(host);
    return session;
  };
}
