import { describe, expect, test } from 'vitest';
import type { Answer } from '../../src/contract/probe.ts';
import { guest } from '../../src/modules/guest.ts';

const HEADING = 'Name                                        ID   Mem VCPUs\tState\tTime(s)\n';
const DOM0 = 'Domain-0                                     0   512     1     r-----     113.5\n';
const row = (name: string, state = '-b----', id = 5) =>
  `${name.padEnd(40)} ${String(id).padStart(5)}   256     1     ${state}      24.8\n`;
const listOf = (...rows: readonly string[]) => `${HEADING}${DOM0}${rows.join('')}`;
const params = {
  name: 'g1',
  memory_mib: 256,
  address: '10.0.0.101/24',
  disk: '/dev/lun1',
  observer: '10.0.0.10:7707',
  peers: ['xen2'],
};

function plan(
  given: object,
  {
    config,
    list,
    code = 0,
    stderr = '',
  }: { config?: string | undefined; list: string; code?: number; stderr?: string },
) {
  const task = guest.params.parse(given);
  const answers: readonly Answer[] = [
    { kind: 'text', text: config, bytes: undefined },
    { kind: 'command', code, stdout: list, stderr },
  ];
  const state = guest.read(answers, task, []);
  return { changes: guest.plan(state, task, []), result: guest.result(state, task) };
}

const here = (...rows: readonly string[]) => `== \n${listOf(...rows)}`;
const there = (...rows: readonly string[]) => `== xen2\n${listOf(...rows)}`;
const config = plan(params, { list: here() + there() }).changes[0]?.after;
const shown = (changes: ReturnType<typeof plan>['changes']) =>
  changes.map(({ what, before, after }) => [what, before?.split('\n', 1)[0], after?.split('\n', 1)[0]]);
const FIRST = '# Written by bench: a change made here is undone by the next run.';
const PATH = '/etc/xen/bench/g1.cfg';

describe('a guest that shall run', () => {
  test('is configured and made', () => {
    const { changes } = plan(params, { list: here() + there() });
    expect(shown(changes)).toEqual([
      [PATH, undefined, FIRST],
      ['guest g1', undefined, 'running'],
    ]);
    expect(changes[1]?.steps.at(-1)).toEqual({ kind: 'run', argv: ['xl', 'create', PATH] });
    expect(config).toMatchInlineSnapshot(`
      "# Written by bench: a change made here is undone by the next run.
      name = "g1"
      uuid = "e4b80cd4-48f4-5996-aabf-4b0c9dd0729e"
      type = "pvh"
      kernel = "/var/lib/bench/vmlinuz"
      ramdisk = "/var/lib/bench/guest.cpio.gz"
      cmdline = "console=hvc0 bench.name=g1 bench.ip=10.0.0.101/24 bench.observer=10.0.0.10:7707 bench.heartbeat_ms=5 bench.dirty_mib=0 bench.dirty_mib_per_s=0"
      memory = 256
      maxmem = 256
      vcpus = 1
      vif = [ "mac=00:16:3e:e4:b8:0c,bridge=br0" ]
      disk = [ "phy:/dev/lun1,xvda,w" ]
      on_poweroff = "destroy"
      on_reboot = "restart"
      on_crash = "preserve"
      "
    `);
  });

  test('is left alone where it runs', () => {
    expect(plan(params, { config, list: here(row('g1')) })).toMatchObject({
      changes: [],
      result: { running_on: 'here', id: 5 },
    });
  });

  test('is left alone after a migration to a peer', () => {
    expect(plan(params, { config, list: here() + there(row('g1')) })).toMatchObject({
      changes: [],
      result: { running_on: 'xen2' },
    });
  });

  test('is not started while a peer does not answer: it could run twice', () => {
    const mute = `${here()}== xen2\nssh: connect to host xen2 port 22: No route to host\n`;
    expect(() => plan(params, { config, list: mute })).toThrow(
      'xen2 does not say whether g1 runs there: ssh: connect to host xen2 port 22: No route to host',
    );
  });

  test('is shut down and made anew when its configuration changes here', () => {
    const { changes } = plan({ ...params, memory_mib: 512 }, { config, list: here(row('g1')) });
    expect(shown(changes)).toEqual([
      [PATH, FIRST, FIRST],
      ['guest g1', 'running with another configuration', 'running'],
    ]);
    expect(changes[1]?.steps.map((step) => (step.kind === 'run' ? step.argv.slice(0, 2) : []))).toEqual([
      ['xl', 'shutdown'],
      ['sh', '-c'],
      ['xl', 'create'],
    ]);
  });

  test('is not reconfigured from afar', () => {
    expect(() => plan({ ...params, vcpus: 2 }, { config, list: here() + there(row('g1')) })).toThrow(
      'g1 runs on xen2 with another configuration',
    );
  });

  test.each([
    [
      'a copy that a migration left at a peer',
      here() + there(row('g1--incoming', '--p---', 31)),
      'g1--incoming is left over from a migration (paused, id 31)',
    ],
    ['what a migration left here', here(row('g1--migratedaway', '---ss-')) + there(), 'g1--migratedaway is left over'],
    ['its own crashed self', here(row('g1', '---sc-')), 'g1 is crashed (id 5)'],
    ['its own paused self', here(row('g1', '--p---')), 'g1 is paused (id 5)'],
  ])('is not started beside %s', (_, list, message) => {
    expect(() => plan(params, { config, list })).toThrow(message);
  });

  test('is made once its last self, which has shut down, is gone', () => {
    expect(shown(plan(params, { config, list: here(row('g1', '--ps--')) }).changes)).toEqual([
      ['guest g1', 'shutdown', 'running'],
    ]);
  });

  test('needs a host that runs Xen', () => {
    expect(() => plan(params, { list: '', code: 1, stderr: 'cannot init xl context\n' })).toThrow(
      'xl list does not work here: cannot init xl context',
    );
  });
});

describe('a guest that shall not run', () => {
  test('is shut down, and then there is nothing to do', () => {
    expect(shown(plan({ name: 'g1', state: 'stopped' }, { config, list: here(row('g1')) }).changes)).toEqual([
      ['guest g1', 'running', 'stopped'],
    ]);
    expect(plan({ name: 'g1', state: 'stopped' }, { config, list: here() }).changes).toEqual([]);
    expect(plan({ name: 'g1', state: 'stopped' }, { config, list: here(row('g1', '--ps--')) }).changes).toEqual([]);
  });

  test('is destroyed with its configuration', () => {
    const { changes } = plan({ name: 'g1', state: 'absent' }, { config, list: here(row('g1', '---sc-')) });
    expect(shown(changes)).toEqual([
      ['guest g1', 'crashed', undefined],
      [PATH, FIRST, undefined],
    ]);
    expect(plan({ name: 'g1', state: 'absent' }, { list: here() }).changes).toEqual([]);
  });
});

test('parameters that mean nothing are refused', () => {
  const refused = (more: object) => guest.params.safeParse({ ...params, ...more }).error?.issues[0]?.message;
  expect(refused({ cap: 150 })).toBe('a cap above 100 per cent for each vCPU means nothing');
  expect(refused({ disk: undefined })).toBe('a guest that shall run needs "memory_mib", "address" and "disk"');
  expect(refused({ name: 'G 1' })).toBe('small letters, digits and dashes');
});
