import { describe, expect, test } from 'vitest';
import type { Figure } from '../../src/contract/trial.ts';
import { type GateInput, judge } from '../../src/measure/gates.ts';

const captured = (low: number, high: number): Figure => ({ kind: 'captured', ms: { low, high } });
const figures = {
  total_ms: captured(5000, 5010),
  pause_ms: captured(55, 65),
  network_ms: captured(58, 63),
  guest_ms: captured(56, 68),
  longest_network_ms: captured(58, 63),
};
const sound: GateInput = {
  figures,
  memoryMib: 512,
  bandwidthMibPerS: 112,
  sourceClockStepMs: 4,
  observerClockStepMs: 0,
  longestMarkPauseMs: 9,
  longestRequestPauseMs: 12,
  spacingMs: 2,
};
const found = (change: Partial<GateInput>, figureChange: Partial<typeof figures> = {}) =>
  judge({ ...sound, ...change, figures: { ...figures, ...figureChange } }).map(
    ({ severity, code, message }) => `${severity} ${code}: ${message}`,
  );

describe('what a trial is checked for', () => {
  test('a sound one gives no finding, also without a known bandwidth', () => {
    expect(found({})).toEqual([]);
    expect(found({ bandwidthMibPerS: undefined })).toEqual([]);
  });

  test.each([
    [
      'a total below what the line can carry',
      {},
      { total_ms: captured(1000, 1010) },
      'impossible G_TOTAL_BELOW_FLOOR: total 1000.0..1010.0 ms is below 4571 ms, which 512 MiB take at 112 MiB/s',
    ],
    [
      'a pause above the total',
      {},
      {
        pause_ms: captured(6000, 6001),
        network_ms: captured(6000, 6002),
        guest_ms: captured(6000, 6002),
        longest_network_ms: captured(6000, 6002),
      },
      'impossible G_PAUSE_ABOVE_TOTAL: pause 6000.0..6001.0 ms is above the total time 5000.0..5010.0 ms',
    ],
    [
      'an answer out of the pause',
      {},
      { network_ms: captured(10, 12), longest_network_ms: captured(10, 12) },
      'impossible G_NETWORK_BELOW_PAUSE: the guest answered while it was paused: network gap 10.0..12.0 ms, pause 55.0..65.0 ms',
    ],
    [
      'a heartbeat out of the pause',
      {},
      { guest_ms: captured(10, 20) },
      'impossible G_GUEST_BELOW_PAUSE: heartbeats came while the guest was paused: gap 10.0..20.0 ms, pause 55.0..65.0 ms',
    ],
    [
      'a bridge with spanning tree',
      {},
      { network_ms: captured(30_050, 30_060), longest_network_ms: captured(30_050, 30_060) },
      "suspicious G_STP: network gap 30050.0..30060.0 ms with a pause of 55.0..65.0 ms: the destination's bridge has spanning tree on (bridge: stp off, forward_delay 0)",
    ],
    [
      'a network that learns late',
      {},
      { network_ms: captured(2100, 2104), longest_network_ms: captured(2100, 2104) },
      'suspicious G_LATE_NETWORK: network gap 2100.0..2104.0 ms is 2035 ms above the pause 55.0..65.0 ms: the bridge or the switch learnt late where the guest is (gratuitous ARP, forwarding delay, slow hotplug scripts)',
    ],
    [
      "the source's clock being set",
      { sourceClockStepMs: -480 },
      {},
      "impossible G_CLOCK_SET: the source's clock was set by -480 ms during the trial",
    ],
    [
      "the observer's clock being set",
      { observerClockStepMs: 2.4 },
      {},
      "impossible G_CLOCK_SET: the observer's clock was set by 2.4 ms during the trial",
    ],
    [
      'a busy observer',
      { longestRequestPauseMs: 140 },
      {},
      'note G_COARSE: the observer was too busy to look for 140 ms at one time: intervals may be that much wider',
    ],
    [
      'a longer silence elsewhere',
      {},
      { longest_network_ms: captured(900, 903) },
      'note G_OTHER_GAP: the longest silence, 900.0..903.0 ms, is not the one of the switch',
    ],
  ] as const)('%s', (_, change, figureChange, finding) => {
    expect(found(change, figureChange)).toEqual([finding]);
  });

  test('figures that overlap contradict nothing, and missing ones are not judged', () => {
    expect(
      found({}, { network_ms: captured(50, 56), longest_network_ms: captured(50, 56), pause_ms: captured(55, 65) }),
    ).toEqual([]);
    const missing: Figure = { kind: 'missing', reason: 'no' };
    expect(found({}, { total_ms: missing, pause_ms: missing, network_ms: missing, guest_ms: missing })).toEqual([]);
  });
});
