import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LockOwner, takeRunLock } from '../../src/store/run-lock.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bench-lock-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function owner(pid: number, host = 'controller'): LockOwner {
  return { pid, host, user: `operator${pid}`, since: '2026-11-24T14:02:11Z', command: 'bench verify lab.ini' };
}

const everyone = () => true;
const nobody = () => false;

test('the second one is told who is at work, since when and with what', () => {
  takeRunLock(root, owner(1), everyone);
  expect(() => takeRunLock(root, owner(2), everyone)).toThrow(
    expect.objectContaining({
      code: 'E_LOCKED',
      message: 'operator1 on controller is at work here since 2026-11-24T14:02:11Z: bench verify lab.ini (process 1)',
    }),
  );
});

test('a released lock can be taken, and nothing but the lock ever lies there', () => {
  takeRunLock(root, owner(1), everyone).release();
  expect(readdirSync(root)).toEqual([]);
  takeRunLock(root, owner(2), everyone);
  expect(readdirSync(root)).toEqual(['lock']);
});

test('the lock of a process that is gone is taken over', () => {
  takeRunLock(root, owner(1), nobody);
  takeRunLock(root, owner(2), nobody);
  expect(readFileSync(join(root, 'lock'), 'utf8')).toContain('operator2');
  expect(readdirSync(root)).toEqual(['lock']);
});

test('the lock of another machine is never stale', () => {
  takeRunLock(root, owner(1, 'elsewhere'), nobody);
  expect(() => takeRunLock(root, owner(2), nobody)).toThrow(/operator1 on elsewhere/);
});

test('a lock that cannot be read is taken over', () => {
  writeFileSync(join(root, 'lock'), '{"pid":');
  takeRunLock(root, owner(2), everyone);
  expect(readFileSync(join(root, 'lock'), 'utf8')).toContain('operator2');
});

test('who lost the lock to another one does not remove that one’s', () => {
  const first = takeRunLock(root, owner(1), nobody);
  takeRunLock(root, owner(2), nobody);
  first.release();
  expect(readFileSync(join(root, 'lock'), 'utf8')).toContain('operator2');
});
