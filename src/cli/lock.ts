import { hostname, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { BenchError, messageOf } from '../core/errors.ts';
import { errorCode } from '../store/disk.ts';
import { type RunLock, takeRunLock } from '../store/run-lock.ts';
import { systemClock } from './clock.ts';

/** The lock of the current folder's `.bench`: one run at a time works on a laboratory. */
export function lockRuns(): RunLock {
  const root = resolve('.bench');
  const owner = {
    pid: process.pid,
    host: hostname(),
    user: userInfo().username,
    since: new Date(systemClock.now()).toISOString(),
    command: ['bench', ...process.argv.slice(2)].join(' '),
  };
  try {
    return takeRunLock(root, owner, isAlive);
  } catch (cause) {
    if (cause instanceof BenchError || errorCode(cause) === '') throw cause;
    const hint = `bench keeps its runs in ${root}: ls -ld ${root}`;
    throw new BenchError('E_STORE', `cannot write ${root}: ${messageOf(cause)}`, { cause, hint });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    return errorCode(thrown) === 'EPERM';
  }
}
