import type { Interval } from '../core/interval.ts';

/** A clock that was read over the network: the controller's monotonic clock before the question and after the answer. */
export interface ClockReading {
  readonly askedMs: number;
  readonly answeredMs: number;
  /** Milliseconds since 1970, as the host said. */
  readonly hostMs: number;
}

/**
 * What is to be added to the controller's monotonic clock to get the host's. The host read its clock between question and
 * answer, so every reading bounds it; all of them hold at once. Readings that contradict each other (the clock was set
 * between them) give the widest bounds instead of none.
 */
export function offsetOf(readings: readonly ClockReading[]): Interval | undefined {
  if (readings.length === 0) return undefined;
  const bounds = readings.map(({ askedMs, answeredMs, hostMs }) => ({
    low: hostMs - answeredMs,
    high: hostMs - askedMs,
  }));
  const low = Math.max(...bounds.map((bound) => bound.low));
  const high = Math.min(...bounds.map((bound) => bound.high));
  if (low <= high) return { low, high };
  return { low: Math.min(...bounds.map((bound) => bound.low)), high: Math.max(...bounds.map((bound) => bound.high)) };
}

/** A span on one host's clock as a span on another's that surely covers it. */
export function translate(span: Interval, from: Interval, to: Interval): Interval {
  return { low: span.low - from.high + to.low, high: span.high - from.low + to.high };
}
