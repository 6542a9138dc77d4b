import { hostname, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { type RunLock, takeRunLock } from '../store/run-lock.ts';
import { systemClock } from './clock.ts';

/** The lock of the current folder's `.bench`: one run at a time works on a laboratory. */
export function lockRuns(): RunLock {
  const owner = {
    pid: process.pid,
    host: hostname(),
    user: userInfo().username,
    since: new Date(systemClock.now()).toISOString(),
    command: ['bench', ...process.argv.slice(2)].join(' '),
  };
  return takeRunLock(resolve('.bench'), owner, isAlive);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}
