import type { Interval } from './interval.ts';

/** A confidence interval with the confidence that it really has. */
export interface Confidence {
  readonly interval: Interval;
  /** Probability that the true median lies inside: at least the wanted one where there are values enough, else what they give. */
  readonly level: number;
  readonly isReached: boolean;
}

/** Middle value, or the mean of the two middle ones. Undefined without values. */
export function medianOf(values: readonly number[]): number | undefined {
  const sorted = values.toSorted(ascending);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)];
  const lower = sorted[Math.ceil(middle) - 1];
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}

/** Where the median of values lies that are known only as intervals: it cannot be outside, whatever the values are. */
export function medianInterval(values: readonly Interval[]): Interval | undefined {
  const low = medianOf(values.map((value) => value.low));
  const high = medianOf(values.map((value) => value.high));
  return low === undefined || high === undefined ? undefined : { low, high };
}

/**
 * Confidence interval of the median by order statistics: no assumption about the distribution. From the k-th smallest
 * value to the k-th largest, with the largest k that keeps the wanted level; fewer than six values cannot give 95 %, and
 * then the interval is their whole span and `level` says what that is worth. Of values known as intervals, the low bound
 * comes from their low ends and the high bound from their high ends, so that their uncertainty widens it.
 */
export function medianConfidence(values: readonly Interval[], wanted = 0.95): Confidence | undefined {
  const count = values.length;
  const lows = values.map(({ low }) => low).sort(ascending);
  const highs = values.map(({ high }) => high).sort(ascending);
  let rank = 1;
  while (rank < count / 2 && levelOf(count, rank + 1) >= wanted) rank += 1;
  const low = lows[rank - 1];
  const high = highs[count - rank];
  if (low === undefined || high === undefined) return undefined;
  const level = levelOf(count, rank);
  return { interval: { low, high }, level, isReached: level >= wanted };
}

/** Half of the median width of intervals: how finely the values are known. */
export function resolutionOf(values: readonly Interval[]): number | undefined {
  const width = medianOf(values.map(({ low, high }) => high - low));
  return width === undefined ? undefined : width / 2;
}

/** Probability that the median lies between the `rank`-th smallest and the `rank`-th largest of `count` values. */
function levelOf(count: number, rank: number): number {
  let outside = 0;
  // Logarithms: 2^-n is no number any more for a few thousand values.
  let logChance = -count * Math.LN2;
  for (let below = 0; below < rank; below += 1) {
    outside += Math.exp(logChance);
    logChance += Math.log((count - below) / (below + 1));
  }
  return Math.max(0, 1 - 2 * outside);
}

function ascending(a: number, b: number): number {
  return a - b;
}
