import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/contract/event.ts';
import { toHostName } from '../../src/contract/host.ts';
import { createLines } from '../../src/output/lines.ts';
import type { OutputOptions } from '../../src/output/options.ts';
import {
  begun,
  changed,
  ended,
  failingRun,
  hosts,
  ok,
  opening,
  over,
  play,
  quietRun,
  recap,
  sink,
  task,
} from './fake-run.ts';

function shown(events: readonly RunEvent[], overrides: Partial<OutputOptions> = {}): string {
  const { options, text } = sink(overrides);
  const consumer = createLines(options);
  for (const event of events) consumer.event(event);
  return text();
}

const xen1 = toHostName('xen1');
const one = task(1, 'one');

test('a failing run: one line an outcome that matters, the failure in full, a recap, and what to type next', () => {
  expect(shown(failingRun())).toMatchInlineSnapshot(`
    "bench provision  inventory/lab.ini  3 hosts  run 2026-11-24T14-02-11

    base  xen1 xen2 stor1
     + xen1   install packages  package xen, package chrony, 2 more            8.2 s
     + xen2   install packages  package xen, package chrony                    8.2 s
     + xen1   make the hosts known to each other  line 10.0.0.12 xen2 of /e…

    xen  xen1 xen2 stor1
     + xen1   reboot into Xen  boot                                            3.1 s
         back after 3.1 s, xl info says Xen 4.19.1
     + xen2   reboot into Xen  boot                                            4.0 s
         back after 4.0 s, xl info says Xen 4.19.1

    storage  xen1 xen2 stor1
     + xen1   log in to the target  session with iqn.2026-11.lab.bench:gues…  300 ms
     ✖ xen2  storage: log in to the target  playbooks/storage.yml:41  after 12.0 s
         expected a session with iqn.2026-11.lab.bench:guests, found none
         [E_STEP_FAILED]
         iscsiadm --mode node --targetname iqn.2026-11.lab.bench:guests --login
         (exit code 24)
         stderr:
           iscsiadm: Could not login to [iface: default, target:
           iqn.2026-11.lab.bench:guests, portal: 10.0.0.3,3260].
           iscsiadm: initiator reported error (24 - iscsi login failed due to
           authorization failure)
       hint: the CHAP secret on stor1 and xen2 differ: they come from
             group_vars/all.yml:7 and host_vars/xen2.yml:3

     xen1   ok 21  changed 9
     xen2   ok 20  changed 8  skipped 1  failed 1  at log in to the target
     stor1  ok 14  changed 5
     ✖ 4 tasks on 3 hosts, 1 host failed                                      24.6 s
       handlers that did not run: xen2: restart multipathd
     again from here:  bench provision inventory/lab.ini --resume
    "
  `);
});

test('a run with nothing to do says so in two lines', () => {
  expect(shown(quietRun())).toMatchInlineSnapshot(`
    "bench provision  inventory/lab.ini  3 hosts  run 2026-11-24T14-02-11

     ✔ 41 tasks on 3 hosts, nothing to do                                      1.1 s
       the lab is as the playbooks say; the last change was 2026-11-24 14:03
    "
  `);
});

test('a first run with nothing to do names no last change', () => {
  expect(shown(quietRun(), { lastChange: undefined })).toContain('   the lab is as the playbooks say\n');
});

test('no line is longer than the terminal is wide', () => {
  for (const width of [60, 80, 120]) {
    for (const line of shown(failingRun(), { width, verbosity: 2, diff: 'shown' }).split('\n')) {
      // A command line to copy is never broken.
      if (!line.includes('again from here:')) expect(line.length, line).toBeLessThanOrEqual(width);
    }
  }
});

test('colours add nothing but colour', () => {
  const coloured = shown(failingRun(), { colour: 'on' });
  expect(coloured).toContain('\u001b[');
  expect(stripVTControlCharacters(coloured)).toBe(shown(failingRun()));
});

test('more verbosity shows what was ok and skipped, then what long tasks write', () => {
  const quiet = shown(failingRun());
  const verbose = shown(failingRun(), { verbosity: 1 });
  const loud = shown(failingRun(), { verbosity: 2 });
  expect(quiet).not.toContain('✔ stor1');
  expect(verbose).toContain(' ✔ stor1  install packages');
  expect(verbose).toContain(' - xen2   make the hosts known to each other  when: size(groups.xen_hosts) > 2');
  expect(verbose).toContain('   time:  bench itself 120 ms  steps 11.9 s  connect 300 ms');
  expect(verbose).not.toContain('down for 2.4 s');
  expect(loud).toContain('xen2   down for 2.4 s (limit 600 s)');
});

test('with --diff a change shows what was and what is, texts as a unified diff', () => {
  const change = ended(xen1, one, {
    status: 'changed',
    changes: [
      { what: 'mode of /etc/hosts', before: '0600', after: '0644' },
      {
        what: 'content of /etc/hosts',
        before: null,
        after: null,
        diff: '===\n--- hosts\tbefore\n+++ hosts\tafter\n@@ -1 +1 @@\n-a\n+b\n',
      },
    ],
  });
  expect(shown([opening, play(1, 'base'), change], { diff: 'shown' })).toMatchInlineSnapshot(`
    "bench provision  inventory/lab.ini  3 hosts  run 2026-11-24T14-02-11

    base  xen1 xen2 stor1
     + xen1   one  mode of /etc/hosts, content of /etc/hosts
         mode of /etc/hosts: 0600 -> 0644
         content of /etc/hosts
           --- hosts    before
           +++ hosts    after
           @@ -1 +1 @@
           -a
           +b
    "
  `);
});

test('check mode says what would change and that nothing was touched', () => {
  const events: RunEvent[] = [
    { ...opening, type: 'runStarted', mode: 'check', hosts, plays: [{ name: 'base', tasks: 2 }] },
    play(1, 'base'),
    ended(xen1, one, changed('package xen')),
    ended(xen1, task(2, 'two'), { status: 'unknown', reason: 'the package would have to be there first' }),
    over('done', [recap(xen1, { ok: 1, changed: 1, unknown: 1 })]),
  ];
  expect(shown(events)).toMatchInlineSnapshot(`
    "bench provision  inventory/lab.ini  3 hosts  check only  run 2026-11-24T14-02-11

    base  xen1 xen2 stor1
     + xen1   one  would change package xen
     ? xen1   two  the package would have to be there first

     xen1  ok 1  would change 1  unknown 1
     ✔ 2 tasks on 3 hosts, 1 would change something; nothing was touched      12.3 s
       time:  bench itself 120 ms  steps 11.9 s  connect 300 ms
    "
  `);
});

test('an interrupted run names what is not finished and how to go on', () => {
  const events: RunEvent[] = [
    opening,
    play(1, 'base'),
    begun(xen1, one),
    over('interrupted', [recap(xen1, { ok: 3 })], {
      undone: ['xen1: one'],
      pendingHandlers: ['xen1: restart chronyd'],
    }),
  ];
  expect(shown(events)).toMatchInlineSnapshot(`
    "bench provision  inventory/lab.ini  3 hosts  run 2026-11-24T14-02-11

     xen1  ok 3
     ✖ 0 tasks on 3 hosts, interrupted                                        12.3 s
       not finished: xen1: one
       handlers that did not run: xen1: restart chronyd
     again from here:  bench provision inventory/lab.ini --resume
    "
  `);
});

test('an ignored failure is one line and no failure', () => {
  const failure = { code: 'E_STEP_FAILED', message: 'no such file' };
  const events = [opening, play(1, 'base'), ended(xen1, one, { status: 'failed', failure, isIgnored: true })];
  expect(shown(events)).toContain(' ✖ xen1   one  ignored: no such file\n');
});

test('a play that has nothing to say is not named', () => {
  expect(
    shown([opening, play(1, 'base'), ended(xen1, one, ok), play(2, 'xen'), ended(xen1, task(2, 'two'), changed('x'))]),
  ).not.toContain('base');
});

test('warnings, notes, retries and lost hosts are shown with their place', () => {
  const events: RunEvent[] = [
    opening,
    play(1, 'base'),
    { type: 'warning', message: 'group empty holds no host', at: { file: 'lab.ini', line: 7, column: 2 } },
    { type: 'taskRetried', host: xen1, task: one, attempt: 2, of: 5 },
    ended(xen1, one, ok, 10, ['a message of debug']),
    { type: 'hostEnded', host: xen1, reason: 'not reached any more: connection closed' },
  ];
  expect(shown(events)).toMatchInlineSnapshot(`
    "bench provision  inventory/lab.ini  3 hosts  run 2026-11-24T14-02-11

    base  xen1 xen2 stor1
     ! lab.ini:7  group empty holds no host
       xen1   one  attempt 2 of 5
     ✔ xen1   one
         a message of debug
     ! xen1  not reached any more: connection closed
    "
  `);
});

test('what a host wrote cannot move the cursor, and of a progress bar the last state is left', () => {
  const failure = {
    code: 'E_STEP_FAILED',
    message: 'dnf failed',
    stderr: '10%\r20%\r30% done\r\n\u001b[31mred\u001b[0m \u0007bell\u001b[2J\n',
  };
  const text = shown([opening, play(1, 'base'), ended(xen1, one, { status: 'failed', failure, isIgnored: false })]);
  expect(text).toContain('       30% done\n       red ?bell\n');
  expect(text).not.toMatch(/(?!\n)\p{Cc}/u);
});

test('long output of a failed command is cut to its last lines', () => {
  const stderr = Array.from({ length: 50 }, (_, index) => `line ${index + 1}`).join('\n');
  const failure = { code: 'E_STEP_FAILED', message: 'make failed', stderr };
  const text = shown([opening, play(1, 'base'), ended(xen1, one, { status: 'failed', failure, isIgnored: false })]);
  expect(text).toContain('[42 lines before these]\n       line 43\n');
});

test('an action in check mode says what it would do, once', () => {
  const check: RunEvent = { type: 'runStarted', mode: 'check', hosts, plays: [] };
  const text = shown([check, play(1, 'base'), ended(xen1, one, changed('would run sleep 2'))]);
  expect(text).toContain(' + xen1   one  would run sleep 2\n');
});

test('a failure tells its exit code once', () => {
  const failure = { code: 'E_COMMAND_FAILED', message: 'exit code 3: oops', command: 'sh -c false', exitCode: 3 };
  const text = shown([opening, play(1, 'base'), ended(xen1, one, { status: 'failed', failure, isIgnored: false })]);
  expect(text.match(/exit code 3/g)).toHaveLength(1);
  expect(text).toContain('     sh -c false\n');
});
