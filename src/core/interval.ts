/** A figure that is known to lie between `low` and `high` (both included), in the unit that the field's name says. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** An interval from two bounds; a bound that passed the other by rounding is drawn back to it. */
export function interval(low: number, high: number): Interval {
  return low <= high ? { low, high } : { low: high, high: low };
}

export function widthOf({ low, high }: Interval): number {
  return high - low;
}

export function middleOf({ low, high }: Interval): number {
  return (low + high) / 2;
}

export function contains({ low, high }: Interval, value: number): boolean {
  return low <= value && value <= high;
}

/** Later minus earlier, each known only as an interval. Not below zero, for spans of time that cannot be negative. */
export function elapsedBetween(earlier: Interval, later: Interval): Interval {
  return { low: Math.max(0, later.low - earlier.high), high: Math.max(0, later.high - earlier.low) };
}
