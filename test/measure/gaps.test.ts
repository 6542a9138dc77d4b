import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { heartbeatSilencesOf, longestSilence, silencesOf } from '../../src/measure/gaps.ts';
import type { EchoRequest, Heartbeat } from '../../src/measure/observation.ts';

const jitter = fc.oneof(
  { weight: 9, arbitrary: fc.double({ min: 0.02, max: 1, noNaN: true }) },
  { weight: 1, arbitrary: fc.double({ min: 0, max: 25, noNaN: true }) },
);
const steady = fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 5, maxLength: 40 });
const jitters = fc.array(jitter, { minLength: 40, maxLength: 80 });

interface Outage {
  readonly from: number;
  readonly until: number;
}

/** Requests every 2 ms or later, each answered when it reaches the guest outside the outage; delays cycle through the lists. */
function observed(outage: Outage, ways: readonly number[], sleeps: readonly number[], back: readonly number[]) {
  const requests: EchoRequest[] = [];
  const pick = (list: readonly number[]) => list[requests.length % list.length] ?? 0;
  for (let now = 0; now < outage.until + 600; ) {
    const [sentFromMs, sentByMs] = [now, now + 0.03];
    const reachesMs = sentFromMs + pick(ways);
    const isLost = reachesMs >= outage.from && reachesMs <= outage.until;
    requests.push({ sentFromMs, sentByMs, answeredMs: isLost ? undefined : reachesMs + pick(back) });
    now = Math.max(now + 2, now + pick(sleeps));
  }
  return requests;
}

describe('the silence around a switch', () => {
  test('holds the true outage, whatever the delays of the observer and of the way', () => {
    fc.assert(
      fc.property(
        jitters,
        jitters,
        jitters,
        fc.double({ min: 300, max: 900, noNaN: true }),
        fc.double({ min: 5, max: 2000, noNaN: true }),
        (ways, sleeps, back, from, length) => {
          const outage = { from, until: from + length };
          const requests = observed(outage, ways, sleeps, back);
          // Every way there is seen before the outage: that none is slower in it is what the lower bound takes for granted.
          fc.pre(requests.filter(({ sentByMs }) => sentByMs + 60 < from).length >= ways.length);
          const silence = longestSilence(silencesOf(requests, outage.until + 600));
          expect(silence?.outageMs.low).toBeLessThanOrEqual(length + 1e-6);
          expect(silence?.outageMs.high).toBeGreaterThanOrEqual(length - 1e-6);
        },
      ),
      { numRuns: 1500 },
    );
  });

  test('on a quiet machine is known to within three spacings', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 300, max: 900, noNaN: true }),
        fc.double({ min: 5, max: 2000, noNaN: true }),
        (from, length) => {
          const silence = longestSilence(silencesOf(observed({ from, until: from + length }, [0.1], [0], [0.1]), 5000));
          expect((silence?.outageMs.high ?? 0) - (silence?.outageMs.low ?? 0)).toBeLessThanOrEqual(6);
        },
      ),
    );
  });

  test('that never ends counts to the end of the window', () => {
    const requests: EchoRequest[] = [0, 2, 4, 6].map((at) => ({
      sentFromMs: at,
      sentByMs: at + 0.1,
      answeredMs: at < 4 ? at + 0.3 : undefined,
    }));
    const silence = longestSilence(silencesOf(requests, 1000));
    expect(silence).toMatchObject({ fromMs: 2.3, untilMs: undefined, lost: 2, outageMs: { high: 998 } });
    expect(silence?.outageMs.low).toBeCloseTo(1.6);
  });

  test('of a guest that was never silent is bounded by the distance of two requests', () => {
    const requests: EchoRequest[] = [0, 2, 4].map((at) => ({
      sentFromMs: at,
      sentByMs: at + 0.1,
      answeredMs: at + 0.3,
    }));
    const [first] = silencesOf(requests, 6);
    expect(first?.outageMs.low).toBe(0);
    expect(first?.outageMs.high).toBeCloseTo(2.3);
  });

  test('replies that overtook each other are put in the order in which they came', () => {
    const requests: EchoRequest[] = [
      { sentFromMs: 0, sentByMs: 0.1, answeredMs: 50 },
      { sentFromMs: 2, sentByMs: 2.1, answeredMs: 3 },
      { sentFromMs: 60, sentByMs: 60.1, answeredMs: 61 },
    ];
    expect(silencesOf(requests, 61).map(({ outageMs }) => outageMs)).toEqual([
      { low: 0, high: 48 },
      { low: 0, high: 59 },
    ]);
  });

  test('nobody answered: there is no silence between replies', () => {
    expect(silencesOf([{ sentFromMs: 0, sentByMs: 1, answeredMs: undefined }], 10)).toEqual([]);
  });
});

describe('the silence that holds the switch', () => {
  const silence = (fromMs: number, untilMs: number | undefined, high: number) => ({
    fromMs,
    untilMs,
    outageMs: { low: 0, high },
    lost: 0,
  });

  test('is the longest that touches the window, not the longest of all', () => {
    const silences = [silence(0, 900, 900), silence(1000, 1060, 62), silence(1060, 1062, 2)];
    expect(longestSilence(silences, { low: 1010, high: 1020 })?.fromMs).toBe(1000);
    expect(longestSilence(silences)?.fromMs).toBe(0);
  });

  test('may begin in the window and last long beyond it', () => {
    expect(longestSilence([silence(1020, undefined, 30_000)], { low: 1010, high: 1030 })?.fromMs).toBe(1020);
  });
});

describe('the silence of a heartbeat', () => {
  test('holds the time for which the guest was not heard, with every delay on the way', () => {
    fc.assert(
      fc.property(
        steady,
        steady,
        fc.double({ min: 400, max: 600, noNaN: true }),
        fc.double({ min: 20, max: 2000, noNaN: true }),
        fc.boolean(),
        fc.boolean(),
        (ways, late, from, length, isPaused, doesClockStop) => {
          const until = from + length;
          const beats: Heartbeat[] = [];
          let due = 0;
          for (let sequence = 0; due < until + 400; sequence += 1) {
            const pick = (list: readonly number[]) => list[sequence % list.length] ?? 0;
            let sent = due + pick(late);
            // A guest that is paused sends its next heartbeat when it goes on; one that is only cut off goes on sending.
            if (isPaused && sent > from && sent < until) sent = until + pick(late);
            if (sent <= from || sent >= until) {
              beats.push({
                receivedMs: sent + pick(ways),
                bootId: 'b',
                sequence,
                guestMs: Math.floor(isPaused && doesClockStop && sent >= until ? sent - length : sent),
                diskRecords: 0,
                diskErrors: 0,
              });
            }
            due = Math.max(due + 5, isPaused && sent >= until && due < until ? sent + 5 : 0);
          }
          const found = longestSilence(
            heartbeatSilencesOf(
              beats.toSorted((one, other) => one.receivedMs - other.receivedMs),
              Math.max(...ways),
              beats.at(-1)?.receivedMs ?? 0,
            ),
          );
          expect(found?.outageMs.low).toBeLessThanOrEqual(length + 1e-6);
          expect(found?.outageMs.high).toBeGreaterThanOrEqual(length - 1e-6);
          // However late the guest is, its clock tells how long it stood, to two ways and two cut-off fractions.
          if (isPaused && doesClockStop)
            expect(found?.outageMs.low).toBeGreaterThanOrEqual(Math.max(0, length - 2 * Math.max(...ways) - 2 - 1e-6));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('of a guest that was only too busy to send is no outage for sure', () => {
    const busy = [0, 5, 10, 60, 65].map((at, sequence) => ({
      receivedMs: at + 0.2,
      sequence,
      guestMs: at,
      bootId: 'b',
      diskRecords: 0,
      diskErrors: 0,
    }));
    const found = longestSilence(heartbeatSilencesOf(busy, 0.5, 66));
    expect([found?.fromMs, found?.outageMs.low]).toEqual([10.2, 0]);
    expect(found?.outageMs.high).toBeCloseTo(50.5);
  });

  test('is not made longer by a first heartbeat that was held up on its way', () => {
    const beat = (receivedMs: number, sequence: number, guestMs: number) => ({
      receivedMs,
      sequence,
      guestMs,
      bootId: 'b',
      diskRecords: 0,
      diskErrors: 0,
    });
    // Stopped from 6 to 56; the first one after it, of 60, came at 75, the second, of 65, at once.
    const held = [beat(0, 0, 0), beat(5, 1, 5), beat(65.1, 3, 15), beat(75, 2, 10)].toSorted(
      (one, other) => one.receivedMs - other.receivedMs,
    );
    expect(heartbeatSilencesOf(held, 0.5, 76)[1]?.outageMs.low).toBeCloseTo(50.1 - 0.5 - 1);
  });

  test('of a guest whose clock stopped with it is as long as the clock stood, however unsteady it was', () => {
    const beat = (receivedMs: number, sequence: number, guestMs: number): Heartbeat => ({
      receivedMs,
      sequence,
      guestMs,
      bootId: 'b',
      diskRecords: 0,
      diskErrors: 0,
    });
    const unsteady = [
      beat(0, 0, 0),
      beat(5, 1, 5),
      beat(40, 2, 40),
      beat(45, 3, 45),
      beat(50, 4, 50),
      beat(155, 5, 54),
    ];
    expect(heartbeatSilencesOf(unsteady, 0.5, 156).at(-1)?.outageMs).toEqual({
      low: 101 - 0.5 - 1,
      high: 105.5,
    });
  });

  test('that stopped for good has no end', () => {
    const steady = [0, 5, 10, 15].map((at, sequence) => ({
      receivedMs: at,
      sequence,
      guestMs: at,
      bootId: 'b',
      diskRecords: 0,
      diskErrors: 0,
    }));
    expect(heartbeatSilencesOf(steady, 0.5, 100)).toHaveLength(3);
    expect(heartbeatSilencesOf(steady, 0.5, 1015).at(-1)).toEqual({
      fromMs: 15,
      untilMs: undefined,
      outageMs: { low: 995, high: 1000.5 },
      lost: 0,
    });
  });

  test('counts what was sent in it and never came', () => {
    const beat = (receivedMs: number, sequence: number): Heartbeat => ({
      receivedMs,
      sequence,
      bootId: 'b',
      guestMs: 0,
      diskRecords: 0,
      diskErrors: 0,
    });
    expect(heartbeatSilencesOf([beat(0, 7), beat(5, 8), beat(105, 20)], 0.2, 106).map(({ lost }) => lost)).toEqual([
      0, 11,
    ]);
  });
});
