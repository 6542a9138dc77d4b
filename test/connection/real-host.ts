import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createConnector } from '../../src/connection/connect.ts';
import type { SshTarget } from '../../src/connection/target.ts';
import type { Clock } from '../../src/contract/clock.ts';
import { type ExchangeOptions, type Session, toHostName } from '../../src/contract/host.ts';
import type { Sshd } from './sshd.ts';

/** Real time, for tests that talk to real processes. */
export const realClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
};

export const LOGIN: ExchangeOptions = { privilege: { kind: 'login' }, signal: new AbortController().signal };

/** A target for an sshd of these tests, which is known by its key. */
export function targetFor(sshd: Sshd, more: Partial<SshTarget> = {}): SshTarget {
  const known = join(sshd.folder, 'known_hosts');
  writeFileSync(known, sshd.knownHosts);
  return {
    kind: 'ssh',
    host: '127.0.0.1',
    port: sshd.port,
    user: 'root',
    keyFile: sshd.clientKey,
    options: new Map([
      ['userknownhostsfile', [known]],
      ['globalknownhostsfile', ['/dev/null']],
    ]),
    configFile: 'none',
    ...more,
  };
}

/** A connected session; `home` is the controller's home folder. */
export async function connectTo(target: SshTarget, home = '/nonexistent'): Promise<Session> {
  const connector = createConnector({
    targetOf: () => target,
    environment: { home, user: 'root', variables: {} },
    clock: realClock,
  });
  return connector.connect(toHostName('xen1'), new AbortController().signal);
}
