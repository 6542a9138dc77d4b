import { describe, expect, test } from 'vitest';
import { toHostName } from '../../src/contract/host.ts';
import type { MigrationRequest } from '../../src/contract/migration.ts';
import type { ActionHost } from '../../src/contract/module.ts';
import type { Figure, Trial, TrialVerdict } from '../../src/contract/trial.ts';
import { MissedMarkError } from '../../src/core/errors.ts';
import { migrate } from '../../src/modules/migrate.ts';
import { captureOf } from '../hypervisor/xen/captured.ts';
import { createFakeClock } from './fake-host.ts';

const LIST = captureOf('xen-host.txt', 'xl list, no guest').stdout;
const DETAILS = captureOf('xen-create.txt', 'list -l of the guest').stdout.replace(
  'gip=10.77.0.50/24',
  'bench.ip=10.77.0.50/24 bench.observer=10.77.0.12:7708 bench.dirty_mib=32',
);
const captured = (middle: number): Figure => ({ kind: 'captured', ms: { low: middle - 1, high: middle + 1 } });

/** Two hosts between which a guest moves whenever a migration is measured. */
function laboratory(place: string | undefined, verdicts: readonly TrialVerdict[] = []) {
  let at = place;
  const requests: MigrationRequest[] = [];
  const reports: string[] = [];
  const clock = createFakeClock();
  const hostOf = (name: string): ActionHost => ({
    name: toHostName(name),
    privilege: { kind: 'login' },
    clock,
    variables: {},
    session: () => Promise.reject(new Error('no session here')),
    ask: async (probes) =>
      probes.map((probe) => {
        const words = probe.kind === 'command' ? probe.argv.join(' ') : probe.kind;
        const own =
          at === name
            ? `g1    5   128     1     -b----      24.8\n`
            : at === 'both halves'
              ? `g1--incoming    5   128     1     --p---      0.0\n`
              : '';
        if (words === 'xl list') return { kind: 'command', code: 0, stdout: LIST + own, stderr: '' };
        if (words === 'xl list -l g1') return { kind: 'command', code: 0, stdout: DETAILS, stderr: '' };
        throw new Error(`nobody should ask ${words}`);
      }) as never,
    run: () => Promise.reject(new Error('nothing is run')),
    other: hostOf,
    evaluate: () => undefined,
    report: (line) => reports.push(line),
    saveFile: async (path) => path,
    async measureMigration(request): Promise<Trial> {
      requests.push(request);
      const verdict = verdicts[requests.length - 1] ?? { kind: 'captured' };
      if (verdict.kind !== 'migrationFailed') at = request.destination;
      return {
        id: `t${requests.length}`,
        series: request.series,
        kind: request.kind,
        guest: request.guest,
        source: request.source,
        destination: request.destination,
        observer: request.observer,
        startedAt: '2026-11-24T12:00:00.000Z',
        conditions: request.conditions,
        figures: {
          total_ms: captured(1000 + requests.length * 10),
          pause_ms: captured(60),
          network_ms: captured(61),
          guest_ms: { kind: 'missing', reason: 'none' },
          longest_network_ms: captured(61),
        },
        stages: [],
        findings: [{ code: 'G_COARSE', severity: 'note', message: 'the observer was busy' }],
        proofs: [{ name: 'same boot', isHeld: true, evidence: 'boot b' }],
        verdict,
        samples: 't.jsonl',
      };
    },
  });
  const perform = (more: object = {}) =>
    migrate.perform(
      hostOf('xen1'),
      migrate.params.parse({ guest: 'g1', to: 'xen2', observer: 'stor1', ...more }),
      new AbortController().signal,
    );
  return { perform, requests, reports, at: () => at };
}

describe('the migrations of a task', () => {
  test('go there and back, and tell each trial in a line with what was proved', async () => {
    const lab = laboratory('xen1');
    const { changed, notes, data } = await lab.perform({ kind: 'smoke', there_and_back: true });
    expect(changed).toBe(false);
    expect(lab.reports).toContain(
      'smoke g1 xen1 to xen2: total 1009.0..1011.0 ms, pause 59.0..61.0 ms, network 60.0..62.0 ms, guest not captured',
    );
    expect(lab.requests.map(({ source, destination }) => `${source} to ${destination}`)).toEqual([
      'xen1 to xen2',
      'xen2 to xen1',
    ]);
    expect(notes).toEqual([
      '  same boot: boot b',
      '  the observer was busy',
      '  same boot: boot b',
      '  the observer was busy',
    ]);
    expect(data).toMatchObject({ medians: { total_ms: 1015, pause_ms: 60, guest_ms: null }, guest_on: 'xen1' });
  });

  test('begin where the guest is, and each where the one before has ended', async () => {
    const lab = laboratory('xen2');
    await lab.perform({ repetitions: 3 });
    expect(lab.requests.map(({ source }) => source)).toEqual(['xen2', 'xen1', 'xen2']);
  });

  test('are asked for with what the hypervisor knows of the guest', async () => {
    const lab = laboratory('xen1');
    await lab.perform({ addresses: { xen2: '10.0.0.12' }, conditions: { cipher: 'aes128' }, bandwidth_mib_per_s: 112 });
    expect(lab.requests[0]).toMatchObject({
      kind: 'benchmark',
      series: 'benchmark g1',
      guestAddress: '10.77.0.50',
      guestMemoryMib: 128,
      bridge: 'br0',
      disks: ['/dev/disk/by-path/ip-10.77.0.12:3261-iscsi-iqn.2024-01.lab.bench:disk2-lun-1'],
      destinationAddress: '10.0.0.12',
      heartbeatPort: 7708,
      spacingMs: 2,
      limitMs: 600_000,
      bandwidthMibPerS: 112,
      conditions: { guest_type: 'pvh', vcpus: 1, cap: 0, scheduler: 'credit2', dirty_mib: 32, cipher: 'aes128' },
    });
  });

  test('that miss their mark go on to the end, and then fail the task with every reason', async () => {
    const lab = laboratory('xen1', [{ kind: 'missed', reasons: ['no pause_ms: not seen'] }]);
    const failure = await lab.perform({ repetitions: 2 }).catch((thrown: unknown) => thrown);
    expect(lab.requests).toHaveLength(2);
    expect(failure).toBeInstanceOf(MissedMarkError);
    expect(String(failure)).toContain('(missed its mark)\n  no pause_ms: not seen');
  });

  test('that fail end the series, so that nothing is made worse', async () => {
    const lab = laboratory('xen1', [
      { kind: 'migrationFailed', reason: 'the bridge is missing', evidence: 'g1 runs on xen1 (id 5)' },
    ]);
    await expect(lab.perform({ repetitions: 5 })).rejects.toThrow('the bridge is missing\n  g1 runs on xen1 (id 5)');
    expect(lab.requests).toHaveLength(1);
  });

  test('do not begin with a guest that is nowhere', async () => {
    await expect(laboratory(undefined).perform()).rejects.toThrow('g1 is neither on xen1 nor on xen2');
    await expect(laboratory('both halves').perform()).rejects.toThrow('g1--incoming is left over from a migration');
  });

  test('are told beforehand in check mode', () => {
    const describe_ = (more: object) =>
      migrate.describe(migrate.params.parse({ guest: 'g1', to: 'xen2', observer: 'stor1', ...more }));
    expect(describe_({})).toBe('migrate g1 to xen2');
    expect(describe_({ there_and_back: true, repetitions: 3 })).toBe('migrate g1 to xen2 and back, 3 times');
  });
});
