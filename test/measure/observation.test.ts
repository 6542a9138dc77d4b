import { describe, expect, test } from 'vitest';
import { offsetOf, translate } from '../../src/measure/clocks.ts';
import { parseObservation, readObserverFailure } from '../../src/measure/observation.ts';

const text = [
  'begin 233 1795536689864842061 2e:65:1b:5b:fb:3e rr eth1',
  's 10 48',
  's 2028 2046',
  'b 0 aaaa-bbbb',
  'r 1 2141',
  'h 3001 0 415 1746547 20 1',
  'k -2500',
  'end settled 4000',
  '',
].join('\n');

describe('what the observer writes', () => {
  test('becomes requests with their replies, heartbeats, and how it ended', () => {
    expect(parseObservation(text)).toEqual({
      pid: 233,
      baseMs: 1795536689864.842,
      mac: '2e:65:1b:5b:fb:3e',
      scheduling: 'rr',
      requests: [
        { sentFromMs: 0.01, sentByMs: 0.048, answeredMs: undefined },
        { sentFromMs: 2.028, sentByMs: 2.046, answeredMs: 2.141 },
      ],
      heartbeats: [
        { receivedMs: 3.001, bootId: 'aaaa-bbbb', sequence: 415, guestMs: 1746547, diskRecords: 20, diskErrors: 1 },
      ],
      clockStepMs: -2.5,
      end: { reason: 'settled', atMs: 4 },
    });
  });

  test('a line that was cut off is left out, a second reply does not count', () => {
    const cut = parseObservation('begin 1 1 m rr e\ns 0 1\nr 0 500\nr 0 900\ns 2000 20');
    expect(cut?.requests).toEqual([{ sentFromMs: 0, sentByMs: 0.001, answeredMs: 0.5 }]);
    expect(cut?.end).toBeUndefined();
  });

  test('nothing, or another program, is no observation', () => {
    expect(parseObservation('')).toBeUndefined();
    expect(parseObservation('begin')).toBeUndefined();
    expect(parseObservation('sh: python3: not found\n')).toBeUndefined();
  });

  test('a failure is its text', () => {
    expect(readObserverFailure('fail a packet socket needs root on the observer\n')).toBe(
      'a packet socket needs root on the observer',
    );
    expect(readObserverFailure(text)).toBeUndefined();
  });
});

describe('two clocks', () => {
  test('are bounded by every question and its answer at once', () => {
    const readings = [
      { askedMs: 100, answeredMs: 110, hostMs: 1105 },
      { askedMs: 200, answeredMs: 204, hostMs: 1203 },
    ];
    expect(offsetOf(readings)).toEqual({ low: 999, high: 1003 });
    expect(offsetOf([])).toBeUndefined();
  });

  test('that contradict each other are given the widest bounds', () => {
    const readings = [
      { askedMs: 100, answeredMs: 110, hostMs: 1105 },
      { askedMs: 200, answeredMs: 204, hostMs: 2203 },
    ];
    expect(offsetOf(readings)).toEqual({ low: 995, high: 2003 });
  });

  test('a span is widened by what both offsets leave open', () => {
    expect(translate({ low: 1010, high: 1020 }, { low: 999, high: 1003 }, { low: 500, high: 502 })).toEqual({
      low: 507,
      high: 523,
    });
  });
});
