import type { Interval } from '../core/interval.ts';
import type { EchoRequest, Heartbeat } from './observation.ts';

/** A silence of the guest, between two signs of life. Milliseconds on the observer's clock. */
export interface Silence {
  /** When the last sign before it was received, and the first one after it; undefined while there was none. */
  readonly fromMs: number;
  readonly untilMs: number | undefined;
  /** How long the guest or the way to it was dead, as far as the samples can tell. */
  readonly outageMs: Interval;
  /** Requests that were lost in it, or heartbeats that were sent in it and never came. */
  readonly lost: number;
}

/** How many samples before a silence say how slow the way was. */
const RECENT = 200;

/** Heartbeats after a silence of which one surely was not held up. */
const FOLLOWING = 100;

/** The guest tells whole milliseconds of its clock. */
const CLOCK_GRAIN_MS = 1;

/** A heartbeat that stayed away for so many periods until the observer ended has stopped. */
const STOPPED_PERIODS = 20;

/**
 * Every pair of neighbouring replies with what lies between them, in the order of reception; last, where requests were lost
 * after the last reply, a silence without an end.
 *
 * Why the true outage lies inside: an answered request shows that the guest was reachable at some moment between its sending
 * and its reply; a lost one, that it was not at some moment after its sending.
 * - At most: the outage began after the sending of the last answered request before it, and was over when the first reply
 *   after it came.
 * - At least: it was there when the first lost request reached it, and still when the last lost one was sent. A lost request
 *   is taken to have reached it no later than the slowest answered one of the RECENT before took there and back.
 */
export function silencesOf(requests: readonly EchoRequest[], endMs: number): readonly Silence[] {
  const answered = requests
    .flatMap((request, index) =>
      request.answeredMs === undefined ? [] : [{ index, request, atMs: request.answeredMs }],
    )
    .sort((one, other) => one.atMs - other.atMs);
  const silences: Silence[] = [];
  const slowest = slidingMaximum(answered.map(({ request, atMs }) => atMs - request.sentFromMs));
  let lastSentMs = Number.NEGATIVE_INFINITY;
  let lastIndex = -1;
  answered.forEach((reply, position) => {
    lastSentMs = Math.max(lastSentMs, reply.request.sentFromMs);
    lastIndex = Math.max(lastIndex, reply.index);
    const next = answered[position + 1];
    const untilMs = next?.atMs;
    const behind = next ? Math.max(lastIndex, next.index) : requests.length;
    const lost = requests.slice(lastIndex + 1, behind).filter((request) => request.answeredMs === undefined);
    const [firstLost] = lost;
    if (!next && !firstLost) return;
    const stillDeadMs = lost.at(-1)?.sentFromMs ?? 0;
    const deadMs = (firstLost?.sentByMs ?? 0) + (slowest[position] ?? 0);
    const high = (untilMs ?? endMs) - lastSentMs;
    silences.push({
      fromMs: reply.atMs,
      untilMs,
      outageMs: { low: firstLost ? Math.min(high, Math.max(0, stillDeadMs - deadMs)) : 0, high },
      lost: lost.length,
    });
  });
  return silences;
}

/**
 * The same for heartbeats, which the guest sends at a steady pace. No heartbeat is taken to have been on its way for longer
 * than `slowestWayMs`.
 * - At most: the last one before the silence left the guest no earlier than its reception less the slowest way, the first
 *   one after it was on its way before it was received.
 * - At least: what the guest's own clock, which stops with the guest, fell back in it behind the observer's. By when a
 *   heartbeat was received, its reading had been taken, which says how far behind the clock was at most before the silence;
 *   after it at least one of the FOLLOWING came the slowest way or faster, which says how far at least. Whatever else kept
 *   the guest or the way busy makes the bound lower, never wrong; a guest whose clock counts on while it is stopped gives 0.
 * - At least, where several that were sent never came: the guest was not stopped but cut off, from no later than when the
 *   first of them was due to no earlier than when the last of them was, give or take how unsteady the RECENT ones came.
 * The better of the two counts.
 */
export function heartbeatSilencesOf(
  heartbeats: readonly Heartbeat[],
  slowestWayMs: number,
  endMs: number,
): readonly Silence[] {
  const distances = heartbeats
    .slice(1)
    .map(({ receivedMs }, index) => receivedMs - (heartbeats[index]?.receivedMs ?? receivedMs));
  const periodMs = upperMedianOf(distances);
  const unsteady = slidingMaximum(distances.map((distance) => Math.max(0, distance - periodMs)));
  const behind = heartbeats.map(({ receivedMs, guestMs }) => receivedMs - guestMs);
  const leastBehind = followingMinimum(behind);
  const between = distances.map((high, index) => {
    const unsteadyMs = index === 0 ? 0 : (unsteady[index - 1] ?? 0);
    const [before, after] = [heartbeats[index], heartbeats[index + 1]];
    const lost = Math.max(0, (after?.sequence ?? 0) - (before?.sequence ?? 0) - 1);
    const stoppedMs = (leastBehind[index + 1] ?? 0) - (behind[index] ?? 0) - slowestWayMs - CLOCK_GRAIN_MS;
    // One that was counted and never came may be the very one in whose sending the guest was stopped.
    const cutOffMs = lost > 1 ? high - slowestWayMs - 2 * (periodMs + unsteadyMs) : 0;
    return {
      fromMs: before?.receivedMs ?? 0,
      untilMs: after?.receivedMs,
      outageMs: { low: Math.max(0, Math.min(high, stoppedMs), cutOffMs), high: high + slowestWayMs },
      lost,
    };
  });
  const last = heartbeats.at(-1);
  const quietMs = last === undefined ? 0 : endMs - last.receivedMs;
  if (last === undefined || quietMs < STOPPED_PERIODS * periodMs + (unsteady.at(-1) ?? 0)) return between;
  const untilNow = { low: Math.max(0, quietMs - periodMs), high: quietMs + slowestWayMs };
  return [...between, { fromMs: last.receivedMs, untilMs: undefined, outageMs: untilNow, lost: 0 }];
}

/** The longest of the silences that touch the window; of equals the first. */
export function longestSilence(silences: readonly Silence[], window?: Interval): Silence | undefined {
  let longest: Silence | undefined;
  for (const silence of silences) {
    const touches =
      !window || (silence.fromMs <= window.high && (silence.untilMs ?? Number.POSITIVE_INFINITY) >= window.low);
    if (touches && (!longest || silence.outageMs.high > longest.outageMs.high)) longest = silence;
  }
  return longest;
}

/** The slowest round trip of the replies that came before a moment: the longest that a heartbeat may have been on its way. */
export function slowestRoundTripMs(requests: readonly EchoRequest[], beforeMs: number): number {
  const recent = requests.filter(({ answeredMs }) => answeredMs !== undefined && answeredMs < beforeMs).slice(-RECENT);
  return recent.reduce(
    (slowest, { sentFromMs, answeredMs = sentFromMs }) => Math.max(slowest, answeredMs - sentFromMs),
    0,
  );
}

/** The upper one of the two middle values, where there are two. */
function upperMedianOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** For each position the least of the FOLLOWING values from it on, itself included. */
function followingMinimum(values: readonly number[]): readonly number[] {
  const backwards = values.map((value) => -value).toReversed();
  return slidingMaximum(backwards, FOLLOWING)
    .map((value) => -value)
    .toReversed();
}

/** For each position the greatest of so many values up to it, itself included. */
function slidingMaximum(values: readonly number[], count = RECENT): readonly number[] {
  const window: { readonly value: number; readonly index: number }[] = [];
  return values.map((value, index) => {
    while ((window.at(-1)?.value ?? Number.POSITIVE_INFINITY) <= value) window.pop();
    window.push({ value, index });
    if ((window[0]?.index ?? index) <= index - count) window.shift();
    return window[0]?.value ?? value;
  });
}
