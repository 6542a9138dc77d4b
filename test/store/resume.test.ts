import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunEvent } from '../../src/contract/event.ts';
import { toHostName } from '../../src/contract/host.ts';
import { Masker } from '../../src/core/secret.ts';
import { createDirectoryStore } from '../../src/store/directory-store.ts';
import { findResumable, resumePoint } from '../../src/store/resume.ts';
import type { RunId } from '../../src/store/run-id.ts';
import type { RunStart, RunStore } from '../../src/store/run-store.ts';
import { changed, failed, finished, ok, skipped, started, task } from './events.ts';

let root: string;
let store: RunStore;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bench-resume-'));
  store = createDirectoryStore({ root, masker: new Masker(), now: () => Date.UTC(2026, 10, 24) });
});
afterEach(() => rmSync(root, { recursive: true }));

function ran(events: readonly RunEvent[], overrides: Partial<RunStart> = {}): RunId {
  const run = store.create(started(overrides));
  for (const event of events) run.event(event);
  run.close();
  return run.record.id;
}

function point(digests: Record<string, string> = { 'site.yml': 'bb' }) {
  return resumePoint(findResumable(store, 'site.yml', 'lab.ini'), digests);
}

const xen1 = toHostName('xen1');
const xen2 = toHostName('xen2');

test('what was ok or changed is done on that host; what failed, was skipped or never ended is not', () => {
  ran([
    finished('xen1', task('a', 1), ok),
    finished('xen1', task('b', 2), changed),
    finished('xen1', task('c', 3), failed),
    finished('xen1', task('d', 4), skipped),
    { type: 'taskStarted', host: xen1, task: task('e', 5) },
  ]);
  const { isDone } = point();
  expect(['a', 'b', 'c', 'd', 'e'].map((name, index) => isDone(xen1, task(name, index + 1)))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  expect(isDone(xen2, task('a', 1))).toBe(false);
});

test('a task with another name or in another line is another task', () => {
  ran([finished('xen1', task('a', 1), ok)]);
  expect(point().isDone(xen1, task('b', 1))).toBe(false);
  expect(point().isDone(xen1, task('a', 2))).toBe(false);
});

test('a task that is met three times and was done twice has to be run the third time', () => {
  ran([finished('xen1', task('a', 1), ok), finished('xen1', task('a', 1), changed)]);
  const { isDone } = point();
  expect([1, 2, 3].map(() => isDone(xen1, task('a', 1)))).toEqual([true, true, false]);
});

test('nothing of a file that has changed since is done', () => {
  ran([finished('xen1', task('a', 1), ok)]);
  expect(point({ 'site.yml': 'cc' }).isDone(xen1, task('a', 1))).toBe(false);
});

test('handlers that were notified and did not run well are pending', () => {
  ran([
    { type: 'handlersNotified', host: xen1, handlers: ['restart', 'reload', 'rebuild'] },
    { type: 'handlersNotified', host: xen2, handlers: ['restart'] },
    finished('xen1', task('restart', 9, 'handler'), changed),
    finished('xen1', task('reload', 10, 'handler'), failed),
    finished('xen2', task('restart', 9, 'handler'), ok),
  ]);
  expect(point().pendingHandlers).toEqual(new Map([[xen1, ['reload', 'rebuild']]]));
});

test('a run that was resumed and stopped again goes on from both', () => {
  const first = ran([
    finished('xen1', task('a', 1), ok),
    finished('xen1', task('b', 2), failed),
    { type: 'handlersNotified', host: xen1, handlers: ['restart'] },
  ]);
  const second = ran([finished('xen1', task('b', 2), ok), finished('xen1', task('c', 3), failed)], {
    resumedFrom: first,
  });
  const { run, isDone, pendingHandlers } = point();
  expect(run).toBe(second);
  expect(['a', 'b', 'c'].map((name, index) => isDone(xen1, task(name, index + 1)))).toEqual([true, true, false]);
  expect(pendingHandlers).toEqual(new Map([[xen1, ['restart']]]));
});

test('check runs, other playbooks and other inventories are never resumed', () => {
  ran([], { mode: 'check' });
  ran([], { playbook: { file: 'other.yml', digests: {} } });
  ran([], { inventory: { file: 'other.ini', digests: {} } });
  expect(() => point()).toThrow(expect.objectContaining({ code: 'E_NO_RUN' }));
});

test('a run that was done has nothing to resume', () => {
  const result = { status: 'done', hosts: [], undone: [], pendingHandlers: [] } as const;
  ran([{ type: 'runFinished', result, elapsedMs: 1, ledger: {} }]);
  expect(() => point()).toThrow(expect.objectContaining({ code: 'E_RUN_DONE' }));
});
