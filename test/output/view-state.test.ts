import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/contract/event.ts';
import { toHostName } from '../../src/contract/host.ts';
import { EMPTY_VIEW, nextView, renderPlayHosts, renderPlayTitle, type ViewState } from '../../src/output/view-state.ts';
import { begun, changed, ended, failingRun, ok, opening, over, play, task, trial } from './fake-run.ts';

/** The view after events that come 100 ms apart, and when the last one came. */
function after(events: readonly RunEvent[]): { readonly view: ViewState; readonly nowMs: number } {
  let nowMs = 0;
  let view = EMPTY_VIEW;
  for (const event of events) {
    nowMs += 100;
    view = nextView(view, event, nowMs);
  }
  return { view, nowMs };
}

function screen({ view, nowMs }: ReturnType<typeof after>, width = 75): string {
  return view.plays
    .flatMap((one) => [
      renderPlayTitle(view, one, nowMs, width),
      ...renderPlayHosts(one, nowMs, width - 2).map((line) => `  ${line}`),
    ])
    .join('\n');
}

const reboot = task(3, 'reboot into Xen');
const xen1 = toHostName('xen1');

test('a running play shows what each host does, since when, and its last words', () => {
  const events = failingRun();
  const said = events.findIndex(({ type }) => type === 'taskOutput');
  expect(screen(after(events.slice(0, said + 1)))).toMatchInlineSnapshot(`
    "base      3 tasks                               xen1 +2  xen2 +1      1.2 s
    xen       reboot into Xen                                            300 ms
      xen1                                                               200 ms
      xen2   down for 2.4 s (limit 600 s)                                100 ms
    storage   2 tasks"
  `);
});

test('at the end every play has its changes by host and its time, a failed one its reason', () => {
  expect(screen(after(failingRun()))).toMatchInlineSnapshot(`
    "base      3 tasks                               xen1 +2  xen2 +1      1.2 s
    xen       2 tasks                               xen1 +1  xen2 +1     600 ms
    storage   xen2 failed: log in to the target              xen1 +1     500 ms"
  `);
});

test('a host that is at another task than most names it', () => {
  const state = after([
    opening,
    play(1, 'base'),
    begun(xen1, reboot),
    begun(toHostName('xen2'), task(4, 'copy')),
    begun(toHostName('stor1'), task(4, 'copy')),
  ]);
  expect(screen(state)).toContain('  xen1   reboot into Xen');
  expect(screen(state)).toContain('base      copy');
});

test('many hosts are summed up', () => {
  const many = Array.from({ length: 40 }, (_, index) => toHostName(`node${index + 1}`));
  const events: RunEvent[] = [
    { type: 'runStarted', mode: 'apply', hosts: many, plays: [{ name: 'base', tasks: 9 }] },
    { type: 'playStarted', play: 1, name: 'base', hosts: many, at: { file: 'a.yml', line: 1, column: 1 } },
    ...many.flatMap((host) => [
      begun(host, task(1, 'one')),
      ended(host, task(1, 'one'), changed('x')),
      begun(host, task(2, 'two')),
    ]),
  ];
  const text = screen(after(events));
  expect(text).toContain('40 hosts +40');
  expect(text).toContain('and 35 more hosts at work');
  expect(text.split('\n')).toHaveLength(7);
});

test('check mode marks what would change with another sign', () => {
  const check: RunEvent = { type: 'runStarted', mode: 'check', hosts: [xen1], plays: [{ name: 'base', tasks: 1 }] };
  expect(screen(after([check, play(1, 'base'), ended(xen1, reboot, changed('x'))]))).toContain('xen1 ~1');
});

test('a finished trial is the last word of the host that measures', () => {
  const state = after([opening, play(1, 'verify'), begun(xen1, reboot), { type: 'trialFinished', trial: trial(7) }]);
  expect(screen(state)).toMatch(/xen1 +xen1 -> xen2: total [\d ]+\.\.[\d ]+ ms, pause \d+\.\.\d+ ms/);
});

test('a play in which the run was broken off has failed; those after it wait', () => {
  const { view } = after([opening, play(1, 'base'), begun(xen1, reboot), over('interrupted', [])]);
  expect(view.plays.map(({ state }) => state)).toEqual(['failed', 'waiting', 'waiting']);
});

test('an ignored failure does not stop its host', () => {
  const failure = { code: 'E', message: 'no' };
  const events = [
    opening,
    play(1, 'base'),
    ended(xen1, reboot, { status: 'failed' as const, failure, isIgnored: true }),
  ];
  const { view } = after([...events, { type: 'playFinished', play: 1, elapsedMs: 1 }]);
  expect(view.plays[0]?.state).toBe('done');
});

test('no line is wider than asked for, whatever names and outputs are', () => {
  const long = 'x'.repeat(300);
  const events: RunEvent[] = [
    opening,
    play(1, 'base'),
    begun(xen1, { ...reboot, name: long }),
    { type: 'taskOutput', host: xen1, task: reboot, text: `${long}\r\n` },
    ended(toHostName('xen2'), reboot, ok),
  ];
  for (const line of screen(after(events), 60).split('\n')) expect(line.length).toBeLessThanOrEqual(60);
});

test('a run that is being stopped says so', () => {
  const { view, nowMs } = after([opening, play(1, 'base'), begun(xen1, reboot)]);
  expect(screen({ view: { ...view, isStopping: true }, nowMs })).toContain('base      stopping: reboot into Xen');
});
