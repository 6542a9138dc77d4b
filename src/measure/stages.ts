import type { MilestoneName } from '../contract/hypervisor.ts';
import type { Figure, Stage, StageName } from '../contract/trial.ts';
import { elapsedBetween, type Interval } from '../core/interval.ts';
import type { Timeline } from './timeline.ts';

/**
 * `total_ms`: from the start of the migrate command to the toolstack's word that the guest runs on the destination. Both
 * moments are brackets on the source's clock, so the true time lies in the interval.
 */
export function totalOf({ start, moments }: Timeline): Figure {
  const completed = moments.get('completed');
  if (!start) return missing('the start of the migrate command was not seen');
  if (!completed) return missing('the toolstack did not report that the migration succeeded');
  return { kind: 'captured', ms: elapsedBetween(start, completed) };
}

/** `pause_ms`: from the guest suspended to the guest unpaused, by the toolstack's milestones on the source's clock. */
export function pauseOf({ moments }: Timeline): Figure {
  const suspended = suspendedIn(moments);
  const unpaused = unpausedIn(moments);
  if (!suspended) return missing('the toolstack did not tell when the guest suspended');
  if (!unpaused) return missing('the toolstack did not tell when the guest was started at the destination');
  return { kind: 'captured', ms: elapsedBetween(suspended, unpaused) };
}

/** The guest suspends after the toolstack begins to wait for it and before it says that it has. */
export function suspendedIn(moments: Timeline['moments']): Interval | undefined {
  const waiting = moments.get('suspending') ?? moments.get('suspendRequested');
  const suspended = moments.get('suspended');
  return waiting && suspended && { low: waiting.low, high: Math.max(waiting.low, suspended.high) };
}

/**
 * The guest is unpaused after it was permitted and before anybody says so: the destination itself, whose line then still
 * has to travel, or the source, who was told over the stream.
 */
export function unpausedIn(moments: Timeline['moments']): Interval | undefined {
  const permitted = moments.get('permitted');
  const said = [moments.get('running'), moments.get('reported')].flatMap((moment) => (moment ? [moment.high] : []));
  if (!permitted || said.length === 0) return undefined;
  return { low: permitted.low, high: Math.max(permitted.low, Math.min(...said)) };
}

/** The six stages as far as their ends were seen, in milliseconds after the start of the migrate command. */
export function stagesOf(timeline: Timeline): readonly Stage[] {
  const { start, moments } = timeline;
  if (!start) return [];
  const at = (name: MilestoneName) => moments.get(name);
  const suspended = suspendedIn(moments);
  const bounds: readonly (readonly [StageName, Interval | undefined, Interval | undefined])[] = [
    ['pre-migration', start, at('ready')],
    ['reservation', at('ready'), at('copying')],
    ['pre-copy', at('copying'), suspended],
    ['stop-and-copy', suspended, at('acknowledged')],
    ['commitment', at('acknowledged'), at('permitted')],
    ['activation', at('permitted'), unpausedIn(moments)],
  ];
  return bounds.flatMap(([name, begin, end]) =>
    begin && end ? [{ name, begin: afterStart(begin, start), end: afterStart(end, start) }] : [],
  );
}

function afterStart(moment: Interval, start: Interval): Interval {
  return moment === start
    ? { low: 0, high: start.high - start.low }
    : elapsedBetween({ low: start.low, high: start.low }, moment);
}

function missing(reason: string): Figure {
  return { kind: 'missing', reason };
}
