import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../core/errors.ts';
import { errorCode } from './disk.ts';
import { parseJson } from './read-json.ts';

/** Who holds the lock of a `.bench` directory. */
export interface LockOwner {
  readonly pid: number;
  /** The machine; its process numbers mean nothing elsewhere. */
  readonly host: string;
  readonly user: string;
  /** ISO 8601. */
  readonly since: string;
  readonly command: string;
}

export interface RunLock {
  release(): void;
}

/**
 * Takes the lock under which one run at a time works on a lab; throws `E_LOCKED`, naming who has it. A lock whose process
 * is gone is taken over. `isAlive` tells whether a process of this machine runs.
 */
export function takeRunLock(root: string, owner: LockOwner, isAlive: (pid: number) => boolean): RunLock {
  mkdirSync(root, { recursive: true });
  const path = join(root, 'lock');
  const text = `${JSON.stringify(owner)}\n`;
  for (let attempt = 0; attempt < 5; attempt += 1) {
    if (claim(path, text, owner.pid)) return { release: () => release(path, text) };
    const held = readOwner(path);
    if (held === 'gone') continue;
    if (held.owner && (held.owner.host !== owner.host || isAlive(held.owner.pid))) throw lockedBy(held.owner, path);
    takeAway(path, held.text, owner.pid);
  }
  throw new BenchError('E_LOCKED', `others keep taking ${path}`, { hint: 'wait for the other runs' });
}

/** Puts the whole lock into place at once: there is never one without an owner in it. */
function claim(path: string, text: string, pid: number): boolean {
  const fresh = `${path}.${pid}`;
  writeFileSync(fresh, text);
  try {
    linkSync(fresh, path);
    return true;
  } catch (thrown) {
    if (errorCode(thrown) === 'EEXIST') return false;
    throw thrown;
  } finally {
    rmSync(fresh, { force: true });
  }
}

function readOwner(path: string): { readonly text: string; readonly owner: LockOwner | undefined } | 'gone' {
  try {
    const text = readFileSync(path, 'utf8');
    const value = parseJson(text);
    return { text, owner: isOwner(value) ? value : undefined };
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return 'gone';
    throw thrown;
  }
}

function isOwner(value: unknown): value is LockOwner {
  return typeof value === 'object' && value !== null && 'pid' in value && 'host' in value && 'since' in value;
}

/** Removes a stale lock, unless another process has done so and holds a fresh one by now. */
function takeAway(path: string, staleText: string, pid: number): void {
  const aside = `${path}.stale.${pid}`;
  try {
    renameSync(path, aside);
    if (readFileSync(aside, 'utf8') !== staleText) linkSync(aside, path);
    rmSync(aside);
  } catch (thrown) {
    if (errorCode(thrown) !== 'ENOENT') throw thrown;
  }
}

function release(path: string, text: string): void {
  const held = readOwner(path);
  if (held !== 'gone' && held.text === text) rmSync(path, { force: true });
}

function lockedBy({ user, host, pid, since, command }: LockOwner, path: string): BenchError {
  const message = `${user} on ${host} is at work here since ${since}: ${command} (process ${pid})`;
  return new BenchError('E_LOCKED', message, { hint: `wait for it; when it is surely gone: rm ${path}` });
}
