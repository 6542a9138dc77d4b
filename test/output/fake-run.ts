import type { HostRecap, RunEvent, RunResult, TaskIdentity } from '../../src/contract/event.ts';
import { type HostName, toHostName } from '../../src/contract/host.ts';
import type { Failure, Outcome, Tally } from '../../src/contract/outcome.ts';
import type { Figure, Trial } from '../../src/contract/trial.ts';
import type { OutputOptions } from '../../src/output/options.ts';

export const hosts: readonly HostName[] = ['xen1', 'xen2', 'stor1'].map(toHostName);
const [xen1 = toHostName('xen1'), xen2 = toHostName('xen2'), stor1 = toHostName('stor1')] = hosts;

/** Collects what is written. */
export function sink(overrides: Partial<OutputOptions> = {}): { readonly options: OutputOptions; text(): string } {
  let written = '';
  const options: OutputOptions = {
    write: (text) => {
      written += text;
    },
    title: 'bench provision  inventory/lab.ini',
    run: '2026-11-24T14-02-11',
    verbosity: 0,
    diff: 'hidden',
    colour: 'off',
    width: 80,
    again: 'bench provision inventory/lab.ini --resume',
    lastChange: '2026-11-24 14:03',
    report: undefined,
    ...overrides,
  };
  return { options, text: () => written };
}

export function task(
  id: number,
  name: string,
  file = 'playbooks/xen.yml',
  role: TaskIdentity['role'] = 'task',
): TaskIdentity {
  return { id, name, module: 'command', at: { file, line: id * 10 + 1, column: 7 }, role };
}

export function begun(host: HostName, identity: TaskIdentity): RunEvent {
  return { type: 'taskStarted', host, task: identity };
}

export function ended(
  host: HostName,
  identity: TaskIdentity,
  outcome: Outcome,
  elapsedMs = 42,
  notes: readonly string[] = [],
): RunEvent {
  return { type: 'taskFinished', host, task: identity, outcome, elapsedMs, notes };
}

export const ok: Outcome = { status: 'ok' };

export function changed(...names: readonly string[]): Outcome {
  return { status: 'changed', changes: names.map((what) => ({ what, before: 'absent', after: 'present' })) };
}

export const loginFailure: Failure = {
  code: 'E_STEP_FAILED',
  message: 'expected a session with iqn.2026-11.lab.bench:guests, found none',
  hint: 'the CHAP secret on stor1 and xen2 differ: they come from group_vars/all.yml:7 and host_vars/xen2.yml:3',
  command: 'iscsiadm --mode node --targetname iqn.2026-11.lab.bench:guests --login',
  exitCode: 24,
  stderr:
    'iscsiadm: Could not login to [iface: default, target: iqn.2026-11.lab.bench:guests, portal: 10.0.0.3,3260].\niscsiadm: initiator reported error (24 - iscsi login failed due to authorization failure)\n',
};

export function recap(host: HostName, counts: Partial<Tally>): HostRecap {
  const tally = {
    ok: 0,
    changed: 0,
    skipped: 0,
    unknown: 0,
    failed: 0,
    unreachable: 0,
    rescued: 0,
    ignored: 0,
    ...counts,
  };
  return { host, tally, changes: [] };
}

export function over(
  status: RunResult['status'],
  recaps: readonly HostRecap[],
  rest: Partial<RunResult> = {},
  elapsedMs = 12_345,
): RunEvent {
  return {
    type: 'runFinished',
    result: { status, hosts: recaps, undone: [], pendingHandlers: [], ...rest },
    elapsedMs,
    ledger: { bench: 120, connect: 300.4, steps: 11_900, idle: 0 },
  };
}

export const opening: RunEvent = {
  type: 'runStarted',
  mode: 'apply',
  hosts,
  plays: [
    { name: 'base', tasks: 3 },
    { name: 'xen', tasks: 2 },
    { name: 'storage', tasks: 2 },
  ],
};

export function play(number: number, name: string): RunEvent {
  return { type: 'playStarted', play: number, name, hosts, at: { file: `playbooks/${name}.yml`, line: 1, column: 3 } };
}

/** A run whose third play fails on one host. */
export function failingRun(): RunEvent[] {
  const packages = task(1, 'install packages', 'playbooks/base.yml');
  const names = task(2, 'make the hosts known to each other', 'playbooks/base.yml');
  const reboot = task(3, 'reboot into Xen');
  const login = task(4, 'log in to the target', 'playbooks/storage.yml');
  return [
    opening,
    play(1, 'base'),
    ...hosts.map((host): RunEvent => ({ type: 'hostConnected', host, elapsedMs: 61 })),
    ...hosts.map((host) => begun(host, packages)),
    ended(
      xen1,
      packages,
      changed('package xen', 'package chrony', 'package iscsi-initiator-utils', 'package NetworkManager'),
      8210,
    ),
    ended(xen2, packages, changed('package xen', 'package chrony'), 8190),
    ended(stor1, packages, ok, 30),
    ended(xen1, names, changed('line 10.0.0.12 xen2 of /etc/hosts')),
    ended(xen2, names, { status: 'skipped', reason: 'when: size(groups.xen_hosts) > 2' }),
    { type: 'playFinished', play: 1, elapsedMs: 8300 },
    play(2, 'xen'),
    begun(xen1, reboot),
    begun(xen2, reboot),
    { type: 'taskOutput', host: xen2, task: reboot, text: 'down for 2.4 s (limit 600 s)\n' },
    ended(xen1, reboot, changed('boot'), 3100, ['back after 3.1 s, xl info says Xen 4.19.1']),
    ended(xen2, reboot, changed('boot'), 4000, ['back after 4.0 s, xl info says Xen 4.19.1']),
    { type: 'playFinished', play: 2, elapsedMs: 4100 },
    play(3, 'storage'),
    begun(xen1, login),
    begun(xen2, login),
    ended(xen1, login, changed('session with iqn.2026-11.lab.bench:guests'), 300),
    ended(xen2, login, { status: 'failed', failure: loginFailure, isIgnored: false }, 12_000),
    { type: 'playFinished', play: 3, elapsedMs: 12_100 },
    over(
      'failed',
      [
        recap(xen1, { ok: 21, changed: 9 }),
        recap(xen2, { ok: 20, changed: 8, skipped: 1, failed: 1 }),
        recap(stor1, { ok: 14, changed: 5 }),
      ],
      {
        pendingHandlers: ['xen2: restart multipathd'],
      },
      24_600,
    ),
  ];
}

/** A run that finds everything as it should be. */
export function quietRun(): RunEvent[] {
  const tasks = Array.from({ length: 41 }, (_, index) => task(index + 1, `task ${index + 1}`));
  return [
    opening,
    play(1, 'base'),
    ...tasks.flatMap((one) => hosts.map((host) => ended(host, one, ok))),
    { type: 'playFinished', play: 1, elapsedMs: 1000 },
    over(
      'done',
      hosts.map((host) => recap(host, { ok: 41 })),
      {},
      1100,
    ),
  ];
}

function captured(low: number, high: number): Figure {
  return { kind: 'captured', ms: { low, high } };
}

export function trial(number: number, overrides: Partial<Trial> = {}): Trial {
  const wave = Math.round(40 * Math.sin(number * 2.4));
  const total = 4812 + wave;
  const even = number % 2 === 0;
  return {
    id: `7f9c2a10-0000-4000-8000-${String(number).padStart(12, '0')}`,
    series: 'benchmark',
    kind: 'benchmark',
    guest: 'g1',
    source: even ? 'xen2' : 'xen1',
    destination: even ? 'xen1' : 'xen2',
    observer: 'stor1',
    startedAt: '2026-11-24T14:05:00.000Z',
    conditions: { mode: 'pre-copy', transport: 'ssh aes128-gcm', memory_mib: 512, dirtying_mib_per_s: 16 },
    figures: {
      total_ms: captured(total - 4, total + 4),
      pause_ms: captured(58 + (number % 5), 64 + (number % 5)),
      network_ms: captured(83 + (number % 7), 85 + (number % 7)),
      guest_ms: captured(91 + (number % 6), 93 + (number % 6)),
      longest_network_ms: captured(84, 86),
    },
    stages: [
      { name: 'pre-migration', begin: { low: 0, high: 0 }, end: { low: 90, high: 94 } },
      { name: 'reservation', begin: { low: 90, high: 94 }, end: { low: 130, high: 132 } },
      { name: 'pre-copy', begin: { low: 130, high: 132 }, end: { low: total - 90, high: total - 90 } },
      {
        name: 'stop-and-copy',
        begin: { low: total - 90, high: total - 90 },
        end: { low: total - 32, high: total - 30 },
      },
      { name: 'commitment', begin: { low: total - 32, high: total - 30 }, end: { low: total - 27, high: total - 27 } },
      { name: 'activation', begin: { low: total - 27, high: total - 27 }, end: { low: total - 4, high: total + 4 } },
    ],
    findings:
      number % 3 === 0
        ? [
            {
              code: 'N_ARP',
              severity: 'note',
              message: 'the network came back 23 ms after the guest: its gratuitous ARP was late',
            },
          ]
        : [],
    proofs: [],
    verdict: { kind: 'captured' },
    samples: `b${number}.json`,
    ...overrides,
  };
}

export function smokeTrials(): Trial[] {
  const proofs = ['same boot', 'same addresses', 'disk intact', 'heartbeat continuous'].map((name) => ({
    name,
    isHeld: true,
    evidence: 'equal',
  }));
  return [
    trial(1, { id: 's01', series: 'smoke', kind: 'smoke', proofs }),
    trial(2, { id: 's02', series: 'smoke', kind: 'smoke', proofs }),
  ];
}

/** A verify phase with two smoke migrations and `count` benchmark trials. */
export function verifyRun(count: number, extra: readonly Trial[] = []): RunEvent[] {
  const trials = [...smokeTrials(), ...Array.from({ length: count }, (_, index) => trial(index + 1)), ...extra];
  const migrate = task(1, 'benchmark migration', 'playbooks/verify.yml');
  return [
    { ...opening, type: 'runStarted', mode: 'apply', hosts, plays: [{ name: 'verify', tasks: 2 }] },
    play(1, 'verify'),
    begun(xen1, migrate),
    ...trials.map((one): RunEvent => ({ type: 'trialFinished', trial: one })),
    ended(xen1, migrate, changed('20 migrations of g1'), 120_000),
    { type: 'playFinished', play: 1, elapsedMs: 121_000 },
    over(
      extra.length > 0 ? 'missedMark' : 'done',
      [recap(xen1, { ok: 1, changed: 1 }), recap(xen2, { ok: 1 }), recap(stor1, { ok: 1 })],
      {},
      122_000,
    ),
  ];
}
