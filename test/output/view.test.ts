import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RunEvent } from '../../src/contract/event.ts';
import { createView } from '../../src/output/view.ts';
import { begun, failingRun, hosts, opening, over, play, recap, sink, task } from './fake-run.ts';
import { screenOf } from './screen.ts';

const isTerminal = process.stdout.isTTY;
let written = '';

beforeEach(() => {
  written = '';
  Object.defineProperty(process.stdout, 'isTTY', { value: true, configurable: true });
  vi.spyOn(process.stdout, 'write').mockImplementation((piece) => {
    // A terminal in its usual state turns a line feed into a new line.
    written += String(piece).replaceAll('\n', '\r\n');
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  Object.defineProperty(process.stdout, 'isTTY', { value: isTerminal, configurable: true });
});

async function shown(
  events: readonly RunEvent[],
  options: { readonly colour: 'on' | 'off' } = { colour: 'off' },
): Promise<string[]> {
  let nowMs = 0;
  const consumer = createView({
    ...sink(options).options,
    write: (text) => void process.stdout.write(text),
    nowMs: () => nowMs,
  });
  for (const event of events) {
    nowMs += 100;
    consumer.event(event);
    for (let turn = 0; turn < 5; turn += 1) await setImmediate();
  }
  await consumer.end();
  return screenOf(written);
}

test('at the end each play has one line, then comes what matters, once', async () => {
  const screen = await shown(failingRun());
  expect(screen.slice(0, 7)).toEqual([
    'bench provision  inventory/lab.ini  3 hosts  run 2026-11-24T14-02-11',
    '',
    ' ✔ base      3 tasks                               xen1 +2  xen2 +1      1.2 s',
    ' ✔ xen       2 tasks                               xen1 +1  xen2 +1     600 ms',
    ' ✖ storage   xen2 failed: log in to the target              xen1 +1     500 ms',
    '',
    'xen  xen1 xen2 stor1',
  ]);
  expect(screen.filter((line) => line.includes('log in to the target  playbooks/storage.yml:41'))).toHaveLength(1);
  expect(screen.filter((line) => line !== '').at(-1)).toBe(
    ' again from here:  bench provision inventory/lab.ini --resume',
  );
});

test('a run that is broken off leaves a whole screen: the play has failed, those after it were not begun', async () => {
  const one = task(1, 'one');
  const screen = await shown([
    opening,
    play(1, 'base'),
    ...hosts.map((host) => begun(host, one)),
    over(
      'interrupted',
      hosts.map((host) => recap(host, { ok: 1 })),
      { undone: ['xen1: one'] },
    ),
  ]);
  expect(screen.slice(2, 5).map((line) => line.slice(0, 12).trimEnd())).toEqual([' ✖ base', ' - xen', ' - storage']);
  expect(screen).toContain('   not finished: xen1: one');
});

test('a run that ends without its last event, by a bug, still gives the terminal back', async () => {
  const screen = await shown([opening, play(1, 'base'), begun(hosts[0] ?? expect.fail(), task(1, 'one'))]);
  expect(screen[2]).toMatch(/^ ✖ base/);
});

test('colours change nothing else', async () => {
  const plain = await shown(failingRun());
  written = '';
  expect(await shown(failingRun(), { colour: 'on' })).toEqual(plain);
});
