import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalTransport } from '../../src/connection/local.ts';
import { createSession, type HostSession } from '../../src/connection/session.ts';
import { toHostName } from '../../src/contract/host.ts';
import { realClock } from './real-host.ts';

export const SHELLS = ['dash', 'bash', 'busybox'] as const;
export type ShellName = (typeof SHELLS)[number];

export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), 'bench-test-'));
}

/** A session on this machine whose `sh` is the shell; for busybox every other tool is busybox's too. */
export function localSession(shell: ShellName, folder: string): HostSession {
  mkdirSync(join(folder, 'tmp'), { recursive: true });
  const bin = join(folder, `bin-${shell}`);
  mkdirSync(bin, { recursive: true });
  if (shell === 'busybox') execFileSync('/usr/bin/busybox', ['--install', '-s', bin]);
  else symlinkSync(`/bin/${shell}`, join(bin, 'sh'));
  const PATH = shell === 'busybox' ? bin : `${bin}:/usr/bin:/bin`;
  return createSession({
    host: toHostName('xen1'),
    clock: realClock,
    dial: async () => createLocalTransport({ PATH, HOME: folder, TMPDIR: join(folder, 'tmp') }),
  });
}
