import { appendFileSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunEvent } from '../../src/contract/event.ts';
import { toHostName } from '../../src/contract/host.ts';
import { Masker } from '../../src/core/secret.ts';
import { createDirectoryStore } from '../../src/store/directory-store.ts';
import { toRunId } from '../../src/store/run-id.ts';
import type { RunStore } from '../../src/store/run-store.ts';
import { finished, ok, started, task } from './events.ts';

const NOW = Date.UTC(2026, 10, 24, 14, 2, 11, 500);
let root: string;
let masker: Masker;
let store: RunStore;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bench-store-'));
  masker = new Masker();
  store = createDirectoryStore({ root, masker, now: () => NOW });
});

afterEach(() => rmSync(root, { recursive: true }));

const runFinished: RunEvent = {
  type: 'runFinished',
  result: { status: 'done', hosts: [], undone: [], pendingHandlers: [] },
  elapsedMs: 1234,
  ledger: {},
};

test('a run is named after its start in UTC, and a second one of the same second gets another name', () => {
  expect(store.create(started()).record.id).toBe('2026-11-24T14-02-11');
  expect(store.create(started()).record.id).toBe('2026-11-24T14-02-11-2');
  expect(readlinkSync(join(root, 'runs', 'latest'))).toBe('2026-11-24T14-02-11-2');
  expect(store.latest()).toBe('2026-11-24T14-02-11-2');
});

test('every event is on disk when the call returns, with version and time', () => {
  const run = store.create(started());
  run.event(finished('xen1', task('a', 3), ok));
  const text = readFileSync(join(root, 'runs', run.record.id, 'events.jsonl'), 'utf8');
  expect(JSON.parse(text)).toMatchObject({
    version: 1,
    time: '2026-11-24T14:02:11.500Z',
    type: 'taskFinished',
    host: 'xen1',
  });
  expect(text.endsWith('\n')).toBe(true);
});

test('what was written is read back, and a last line that was cut off is passed over', () => {
  const run = store.create(started());
  const events = [finished('xen1', task('a', 3), ok), finished('xen2', task('a', 3), ok)];
  for (const event of events) run.event(event);
  appendFileSync(join(run.location, 'events.jsonl'), '{"version":1,"time":"2026-11-24T14:02:12.000Z","type":"taskFi');
  const stored = store.read(run.record.id);
  expect(stored.record).toEqual(run.record);
  expect(stored.events.map(({ event }) => event)).toEqual(events);
});

test('a finished trial stands among the trials as well', () => {
  const run = store.create(started());
  const trial = {
    id: 't1',
    series: 's',
    kind: 'benchmark',
    guest: 'g1',
    source: 'xen1',
    destination: 'xen2',
    observer: 'stor1',
    startedAt: '2026-11-24T14:02:11.500Z',
    conditions: { memory_mib: 512 },
    figures: {
      total_ms: { kind: 'captured', ms: { low: 4800, high: 4808 } },
      pause_ms: { kind: 'missing', reason: 'no milestone' },
      network_ms: { kind: 'missing', reason: 'no reply' },
      guest_ms: { kind: 'missing', reason: 'no heartbeat' },
      longest_network_ms: { kind: 'missing', reason: 'no reply' },
    },
    stages: [],
    findings: [],
    proofs: [],
    verdict: { kind: 'captured' },
    samples: 't1.json',
  } as const;
  run.event({ type: 'trialFinished', trial });
  expect(store.read(run.record.id).trials).toEqual([trial]);
});

test('no file of a run holds a secret', () => {
  masker.add('hunter2hunter2');
  const run = store.create(started({ command: ['bench', '-e', 'p=hunter2hunter2'] }));
  run.event({ type: 'warning', message: 'got hunter2hunter2' });
  run.event({ type: 'taskOutput', task: task('a', 1), host: toHostName('xen1'), text: 'hunter2hunter2\n' });
  run.samples('t1.txt', 'hunter2hunter2');
  for (const file of ['run.json', 'events.jsonl', 'samples/t1.txt']) {
    const text = readFileSync(join(run.location, file), 'utf8');
    expect(text).not.toContain('hunter2');
    expect(text).toContain('********');
  }
});

test('the list has the newest run first and knows which ones have not ended', () => {
  const first = store.create(started());
  first.event(runFinished);
  store.create(started()).event(finished('xen1', task('a', 3), ok));
  expect(store.list().map(({ record, result, elapsedMs }) => [record.id, result?.status, elapsedMs])).toEqual([
    ['2026-11-24T14-02-11-2', undefined, undefined],
    ['2026-11-24T14-02-11', 'done', 1234],
  ]);
});

test('the end of a run is found behind megabytes of output', () => {
  const run = store.create(started());
  const piece: RunEvent = {
    type: 'taskOutput',
    task: task('a', 1),
    host: toHostName('xen1'),
    text: 'x'.repeat(700_000),
  };
  run.event(piece);
  expect(store.list()[0]?.result).toBeUndefined();
  const other = store.create(started());
  other.event(piece);
  other.event(runFinished);
  expect(store.list()[0]?.result?.status).toBe('done');
});

test('samples are kept under their name and never outside of the run', () => {
  const run = store.create(started());
  expect(run.samples('../../../escape.bin', new Uint8Array([1, 2]))).toBe(join(run.location, 'samples', 'escape.bin'));
  expect(store.readSamples(run.record.id, 'escape.bin')).toEqual(Buffer.from([1, 2]));
  expect(readdirSync(root)).toEqual(['runs']);
});

test('a name that is no run id is none', () => {
  expect(toRunId('../../etc')).toBeUndefined();
  expect(toRunId('2026-11-24T14-02-11-2')).toBe('2026-11-24T14-02-11-2');
});

test('a run that is not there is an error that says how to list those that are', () => {
  const id = toRunId('2020-01-01T00-00-00');
  expect(() => id && store.read(id)).toThrow('there is no run in');
});

test('a place that cannot be written is an error of the world', () => {
  const broken = createDirectoryStore({ root: '/dev/null/bench', masker, now: () => NOW });
  expect(() => broken.create(started())).toThrow(expect.objectContaining({ code: 'E_STORE' }));
});
