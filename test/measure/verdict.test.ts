import { describe, expect, test } from 'vitest';
import type { GuestState } from '../../src/contract/hypervisor.ts';
import type { Figure } from '../../src/contract/trial.ts';
import type { Observation } from '../../src/measure/observation.ts';
import { describePlacement, placementOf } from '../../src/measure/placement.ts';
import { proofsOf } from '../../src/measure/proofs.ts';
import { type VerdictInput, verdictOf } from '../../src/measure/verdict.ts';

const guest = (name: string, run: GuestState['run'] = 'running', leftover?: GuestState['leftover']): GuestState => ({
  name,
  id: 5,
  memoryMib: 128,
  vcpus: 1,
  cpuS: 1,
  run,
  ...(leftover && { leftover }),
});
const arrived = placementOf('g1', [
  { host: 'xen1', guests: [guest('g2')] },
  { host: 'xen2', guests: [guest('g1')] },
]);
const halves = placementOf('g1', [
  { host: 'xen1', guests: [guest('g1--migratedaway', 'suspended', { of: 'g1', side: 'source' })] },
  { host: 'xen2', guests: [guest('g1--incoming', 'paused', { of: 'g1', side: 'destination' })] },
]);
const twice = placementOf('g1', [
  { host: 'xen1', guests: [guest('g1')] },
  { host: 'xen2', guests: [guest('g1')] },
]);

const captured: Figure = { kind: 'captured', ms: { low: 1, high: 2 } };
const sound: VerdictInput = {
  kind: 'smoke',
  destination: 'xen2',
  failure: undefined,
  placement: arrived,
  gap: { fromMs: 100, untilMs: 160, outageMs: { low: 58, high: 62 }, lost: 29 },
  observedUntilMs: 1000,
  figures: {
    total_ms: captured,
    pause_ms: captured,
    network_ms: captured,
    guest_ms: captured,
    longest_network_ms: captured,
  },
  findings: [],
  proofs: [{ name: 'same boot', isHeld: true, evidence: 'boot b' }],
  sawHeartbeats: true,
};
const missing: Figure = { kind: 'missing', reason: 'not seen' };

describe('where the guest is', () => {
  test('is told with its state, and with what is left of it', () => {
    expect(describePlacement(arrived)).toBe('g1 runs on xen2 (id 5)');
    expect(describePlacement(twice)).toBe('g1 runs on xen1 (id 5) and runs on xen2 (id 5)');
    expect(describePlacement(halves)).toBe(
      'g1 is on neither host; left over: g1--migratedaway on xen1 (suspended, id 5), g1--incoming on xen2 (paused, id 5)',
    );
  });

  test('a host that does not answer is told, and nobody claims that the guest is nowhere', () => {
    const half = placementOf('g1', [
      { host: 'xen1', reason: 'no route' },
      { host: 'xen2', guests: [] },
    ]);
    expect(describePlacement(half)).toBe('g1 was not found; xen1 could not be asked: no route');
  });

  test('a guest that has shut down is not there', () => {
    expect(placementOf('g1', [{ host: 'xen1', guests: [guest('g1', 'shutdown')] }]).present).toEqual([]);
  });
});

describe('the verdict', () => {
  test('of a trial in which all went well', () => {
    expect(verdictOf(sound)).toEqual({ kind: 'captured' });
  });

  test('of a failed migration names the cause, what to do, and where the guest is', () => {
    const failure = { cause: 'the bridge is missing', hint: 'xl unpause NAME' };
    expect(verdictOf({ ...sound, failure, placement: halves })).toEqual({
      kind: 'migrationFailed',
      reason: 'the bridge is missing (xl unpause g1)',
      evidence: describePlacement(halves),
    });
  });

  test('of a success after which the guest is twice, or not where it should be, is a failure', () => {
    expect(verdictOf({ ...sound, placement: twice })).toMatchObject({
      kind: 'migrationFailed',
      reason: 'the guest is on both hosts at once',
    });
    expect(verdictOf({ ...sound, destination: 'xen1' })).toMatchObject({
      kind: 'migrationFailed',
      reason: expect.stringContaining('not at the destination'),
    });
  });

  test('of a guest that never answers again', () => {
    const gap = { fromMs: 100, untilMs: undefined, outageMs: { low: 40_000, high: 45_000 }, lost: 22_500 };
    expect(verdictOf({ ...sound, gap, observedUntilMs: 45_100 })).toEqual({
      kind: 'guestLost',
      evidence: 'no reply for 45.0 s until the observer gave up; g1 runs on xen2 (id 5)',
    });
  });

  test('of a trial with a hole lists every reason', () => {
    const verdict = verdictOf({
      ...sound,
      figures: { ...sound.figures, pause_ms: missing, guest_ms: missing },
      findings: [
        { code: 'G_X', severity: 'impossible', message: 'it cannot be' },
        { code: 'G_Y', severity: 'suspicious', message: 'odd' },
      ],
      proofs: [{ name: 'disk intact', isHeld: false, evidence: '1 error' }],
    });
    expect(verdict).toEqual({
      kind: 'missed',
      reasons: ['no pause_ms: not seen', 'no guest_ms: not seen', 'it cannot be', 'not proved: disk intact: 1 error'],
    });
  });

  test('a guest without a heartbeat can be measured, but not proved the same', () => {
    const without = {
      ...sound,
      sawHeartbeats: false,
      figures: { ...sound.figures, guest_ms: missing },
      proofs: [{ name: 'same boot', isHeld: false, evidence: 'none' }],
    };
    expect(verdictOf({ ...without, kind: 'benchmark' })).toEqual({ kind: 'captured' });
    expect(verdictOf(without)).toEqual({ kind: 'missed', reasons: ['not proved: same boot: none'] });
  });
});

describe('the proofs', () => {
  const beat = (receivedMs: number, sequence: number, more: object = {}) => ({
    receivedMs,
    sequence,
    bootId: 'b',
    guestMs: receivedMs,
    diskRecords: sequence,
    diskErrors: 0,
    ...more,
  });
  const observation: Observation = {
    pid: 1,
    baseMs: 0,
    mac: '00:16:3e:00:00:01',
    scheduling: 'rr',
    requests: [
      { sentFromMs: 98, sentByMs: 98.1, answeredMs: 100 },
      { sentFromMs: 159, sentByMs: 159.1, answeredMs: 160 },
    ],
    heartbeats: [beat(95, 10), beat(165, 14), beat(170, 15)],
    clockStepMs: 0,
    end: undefined,
  };
  const held = (change: Partial<Observation>, placement = arrived) =>
    proofsOf({ observation: { ...observation, ...change }, gap: sound.gap, placement, destination: 'xen2' }).map(
      ({ name, isHeld, evidence }) => `${isHeld ? 'yes' : 'NO'} ${name}: ${evidence}`,
    );

  test('of the same guest', () => {
    expect(held({})).toEqual([
      'yes on exactly one host: g1 runs on xen2 (id 5)',
      'yes same addresses: 1 requests to 00:16:3e:00:00:01 were answered after the switch',
      'yes same boot: boot b',
      'yes heartbeat continuous: 10 to 15, 3 of 6 did not arrive',
      'yes disk intact: 5 records written since the switch, 0 errors',
    ]);
  });

  test('of a guest that was booted anew, whose disk lost a record', () => {
    const heartbeats = [beat(95, 10), beat(165, 0, { bootId: 'c', diskRecords: 11, diskErrors: 1 })];
    expect(held({ heartbeats }).filter((line) => line.startsWith('NO'))).toEqual([
      'NO same boot: heartbeats of 2 boots: b, c',
      'NO heartbeat continuous: number 0 came after 10',
      'NO disk intact: 1 records written since the switch, 1 errors',
    ]);
  });

  test('of a guest whose disk stands still, or that fell silent', () => {
    expect(held({ heartbeats: [beat(95, 10), beat(165, 11, { diskRecords: 10 })] }).at(-1)).toBe(
      'NO disk intact: 0 records written since the switch, 0 errors',
    );
    expect(
      held({ heartbeats: [beat(95, 10)] })
        .slice(2)
        .every((line) => line.startsWith('NO') && line.endsWith('no heartbeat was seen on both sides of the switch')),
    ).toBe(true);
  });

  test('hold for nobody when nothing was observed or the guest is twice', () => {
    const nothing = proofsOf({ observation: undefined, gap: undefined, placement: twice, destination: 'xen2' });
    expect(nothing.some(({ isHeld }) => isHeld)).toBe(false);
  });
});
