import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { SshTarget } from '../../src/connection/target.ts';
import { ask } from '../../src/contract/probe.ts';
import { connectTo, LOGIN, targetFor } from './real-host.ts';
import type { Sshd } from './sshd.ts';

/** Connects and runs a frame. */
export async function expectToWork(target: SshTarget, home?: string): Promise<void> {
  const session = await connectTo(target, home);
  const [answer] = await session.exchange({ sections: [{ kind: 'ask', probes: [ask('echo', 'hi')] }] }, LOGIN);
  await session.close();
  expect(answer).toMatchObject({ answers: [{ stdout: 'hi\n' }] });
}

/** A target that knows the hosts of this text, in a file `hosts` beside sshd's. */
export function knowing(sshd: Sshd, text: string, more: Partial<SshTarget> = {}): SshTarget {
  const file = join(sshd.folder, 'hosts');
  writeFileSync(file, text);
  const options = new Map([
    ['userknownhostsfile', [file]],
    ['globalknownhostsfile', ['/dev/null']],
  ]);
  return { ...targetFor(sshd), options, ...more };
}

/** The same target with no key named. */
export function withoutKey({ keyFile: _left, ...target }: SshTarget): SshTarget {
  return target;
}
