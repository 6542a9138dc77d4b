import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Frame } from '../../src/contract/frame.ts';
import type { ExchangeOptions, Session } from '../../src/contract/host.ts';
import { defineAction } from '../../src/contract/module.ts';
import { UnreachableError } from '../../src/core/errors.ts';
import { modules } from '../../src/modules/index.ts';

/** What was sent to hosts, and as whom. */
export interface Sent {
  readonly host: string;
  readonly frame: Frame;
  readonly options: ExchangeOptions;
}

/** Real sessions whose frames are written down; whoever a frame should run as, it runs as the user of the tests. */
export function recorder() {
  const sent: Sent[] = [];
  return {
    sent,
    session: (host: string, real: Session): Session => ({
      ...real,
      exchange(frame, options) {
        sent.push({ host, frame, options });
        return real.exchange(frame, { ...options, privilege: { kind: 'login' } });
      },
    }),
  };
}

/** A session that can be talked to no more once so many frames were sent. */
export function lostAfter(frames: number, real: Session): Session {
  let left = frames;
  return {
    ...real,
    exchange(frame, options) {
      left -= 1;
      if (left >= 0) return real.exchange(frame, options);
      return Promise.reject(new UnreachableError('E_CONNECTION_LOST', `${real.host}: the connection was lost`));
    },
  };
}

/** Whether a process works; one that is dead and that nobody has waited for does not. */
export function isRunning(pid: string | undefined): boolean {
  if (!pid || !/^\d+\s*$/.test(pid)) throw new TypeError(`"${pid}" is no process id`);
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid.trim()}/stat`, 'utf8'));
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOENT' || thrown.code === 'ESRCH'))
      return false;
    throw thrown;
  }
}

/** All modules and an action `hold` that ends only after the test has said so, and after everything that followed from it. */
export function withHold() {
  const gate = Promise.withResolvers<void>();
  const hold = defineAction({
    name: 'hold',
    summary: 'Wait for the test.',
    params: z.strictObject({}),
    example: '{}',
    isHarmless: true,
    describe: () => 'wait for the test',
    async perform() {
      await gate.promise;
      await new Promise((settled) => setImmediate(settled));
      return { changed: false };
    },
  });
  return { modules: [...modules, hold], open: gate.resolve };
}
