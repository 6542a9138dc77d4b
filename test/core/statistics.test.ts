import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Interval } from '../../src/core/interval.ts';
import { medianConfidence, medianInterval, medianOf, resolutionOf } from '../../src/core/statistics.ts';

function exact(values: readonly number[]): Interval[] {
  return values.map((value) => ({ low: value, high: value }));
}

const upTo = (count: number) => exact(Array.from({ length: count }, (_, index) => index + 1));

test('the median is the middle value or the mean of the two middle ones', () => {
  expect(medianOf([])).toBeUndefined();
  expect(medianOf([5])).toBe(5);
  expect(medianOf([9, 1, 4])).toBe(4);
  expect(medianOf([9, 1, 4, 6])).toBe(5);
});

// Ranks as in the tables for the sign test's interval of the median.
test.each([
  [6, 1, 6],
  [8, 1, 8],
  [9, 2, 8],
  [10, 2, 9],
  [12, 3, 10],
  [15, 4, 12],
  [20, 6, 15],
  [25, 8, 18],
  [50, 18, 33],
])('of %i values the 95 %% interval reaches from the %i. to the %i.', (count, low, high) => {
  expect(medianConfidence(upTo(count))).toMatchObject({ interval: { low, high }, isReached: true });
});

test.each([
  [1, 0],
  [2, 0.5],
  [3, 0.75],
  [4, 0.875],
  [5, 0.9375],
])('%i values give the whole span and its true level %f', (count, level) => {
  const confidence = medianConfidence(upTo(count));
  expect(confidence?.interval).toEqual({ low: 1, high: count });
  expect(confidence?.level).toBeCloseTo(level, 12);
  expect(confidence?.isReached).toBe(false);
});

test('without values there is no interval', () => {
  expect(medianConfidence([])).toBeUndefined();
  expect(medianInterval([])).toBeUndefined();
  expect(resolutionOf([])).toBeUndefined();
});

test('thousands of values do not break the arithmetic', () => {
  const confidence = medianConfidence(upTo(5000));
  expect(confidence?.level).toBeGreaterThanOrEqual(0.95);
  expect(confidence?.level).toBeLessThan(0.96);
});

test('whatever the true values inside of the intervals are, their median and its interval lie inside', () => {
  const value = fc
    .tuple(fc.integer({ min: 0, max: 1000 }), fc.nat(50), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([low, width, share]) => ({ low, high: low + width, truth: low + share * width }));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 40 }), (values) => {
      const truths = values.map(({ truth }) => truth);
      const middle = medianOf(truths) ?? Number.NaN;
      const around = medianInterval(values);
      expect(around?.low).toBeLessThanOrEqual(middle);
      expect(around?.high).toBeGreaterThanOrEqual(middle);
      const wide = medianConfidence(values)?.interval;
      const narrow = medianConfidence(exact(truths))?.interval;
      expect(wide?.low).toBeLessThanOrEqual(narrow?.low ?? Number.NaN);
      expect(wide?.high).toBeGreaterThanOrEqual(narrow?.high ?? Number.NaN);
    }),
  );
});

test('the stated level is what repeated samples give', () => {
  // 4000 samples of 9 from a uniform distribution with median 0.5; a fixed generator, so that the test is the same each time.
  let state = 12345;
  const next = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  let inside = 0;
  let level = 0;
  for (let sample = 0; sample < 4000; sample += 1) {
    const confidence = medianConfidence(exact(Array.from({ length: 9 }, next)));
    level = confidence?.level ?? 0;
    if (confidence && confidence.interval.low <= 0.5 && confidence.interval.high >= 0.5) inside += 1;
  }
  expect(inside / 4000).toBeGreaterThan(level - 0.012);
  expect(inside / 4000).toBeLessThan(level + 0.012);
});

test('the resolution is half of the median width', () => {
  expect(
    resolutionOf([
      { low: 1, high: 3 },
      { low: 0, high: 8 },
      { low: 5, high: 9 },
    ]),
  ).toBe(2);
});
