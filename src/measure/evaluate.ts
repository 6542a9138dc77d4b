import type { FailureReading, HypervisorDriver } from '../contract/hypervisor.ts';
import type { MigrationRequest } from '../contract/migration.ts';
import type { Figure, GateFinding, Trial } from '../contract/trial.ts';
import type { Interval } from '../core/interval.ts';
import { type ClockReading, offsetOf, translate } from './clocks.ts';
import { heartbeatSilencesOf, longestSilence, type Silence, silencesOf, slowestRoundTripMs } from './gaps.ts';
import { judge } from './gates.ts';
import type { Observation } from './observation.ts';
import { describePlacement, type Placement } from './placement.ts';
import { proofsOf } from './proofs.ts';
import { pauseOf, stagesOf, suspendedIn, totalOf, unpausedIn } from './stages.ts';
import { readTimeline, type Timeline } from './timeline.ts';
import { verdictOf } from './verdict.ts';

/** Everything that a trial has gathered. */
export interface Evidence {
  readonly id: string;
  readonly startedAt: string;
  readonly request: MigrationRequest;
  /** The source's marked stream; empty when it was never begun. */
  readonly stream: Uint8Array;
  /** Why the migrate command did not come to its own end: interrupted, out of time, contact lost. */
  readonly broken: FailureReading | undefined;
  readonly observation: Observation | undefined;
  readonly placement: Placement;
  readonly sourceClock: readonly ClockReading[];
  readonly observerClock: readonly ClockReading[];
}

/** The trial, worked out from its evidence alone. */
export function evaluateTrial(evidence: Evidence, driver: HypervisorDriver): Trial {
  const { request, observation, placement } = evidence;
  const timeline = readTimeline(evidence.stream, driver.milestones);
  const failure =
    evidence.broken ??
    (timeline.exitCode === 0 && timeline.moments.has('completed')
      ? undefined
      : driver.readFailure(timeline.text, timeline.exitCode));
  const silences = observation ? silencesOf(observation.requests, endOf(observation)) : [];
  const window = windowOf(timeline, evidence);
  const gap = longestSilence(silences, window);
  const figures: Trial['figures'] = {
    total_ms: totalOf(timeline),
    pause_ms: pauseOf(timeline),
    network_ms: failure ? NO_SWITCH : networkFigure(gap, observation),
    guest_ms: failure ? NO_SWITCH : guestFigure(observation, window, gap),
    longest_network_ms: networkFigure(longestSilence(silences), observation),
  };
  const findings: readonly GateFinding[] = [
    ...judge({
      figures,
      memoryMib: request.guestMemoryMib,
      bandwidthMibPerS: request.bandwidthMibPerS,
      sourceClockStepMs: timeline.clockStepMs,
      observerClockStepMs: observation?.clockStepMs ?? 0,
      longestMarkPauseMs: timeline.longestPauseOfMarksMs,
      longestRequestPauseMs: longestRequestPauseMs(observation),
      spacingMs: request.spacingMs,
    }),
    ...leftoverFindings(placement),
  ];
  const proofs = proofsOf({ observation, gap, placement, destination: request.destination });
  const sawHeartbeats = (observation?.heartbeats.length ?? 0) > 0;
  return {
    id: evidence.id,
    series: request.series,
    kind: request.kind,
    guest: request.guest,
    source: request.source,
    destination: request.destination,
    observer: request.observer,
    startedAt: evidence.startedAt,
    conditions: {
      ...request.conditions,
      memory_mib: request.guestMemoryMib,
      spacing_ms: request.spacingMs,
      observer_scheduling: observation?.scheduling ?? 'unknown',
    },
    figures,
    stages: stagesOf(timeline),
    findings,
    proofs,
    verdict: verdictOf({
      kind: request.kind,
      destination: request.destination,
      failure,
      placement,
      gap,
      observedUntilMs: observation && endOf(observation),
      figures,
      findings,
      proofs,
      sawHeartbeats,
    }),
    samples: samplesName(evidence.id),
  };
}

const NO_SWITCH: Figure = { kind: 'missing', reason: 'the migration failed' };

export function samplesName(id: string): string {
  return `${id}.jsonl`;
}

/**
 * The span of the switch on the observer's own clock, relative to its base: from the guest's suspension to the last word
 * that it runs. The two clocks are compared only through questions and answers, so the span is wider than the switch by
 * what those took; it serves to choose a silence, never to measure one.
 */
function windowOf(timeline: Timeline, { sourceClock, observerClock, observation }: Evidence): Interval | undefined {
  const from = offsetOf(sourceClock);
  const to = offsetOf(observerClock);
  const suspended = suspendedIn(timeline.moments) ?? timeline.start;
  const unpaused = unpausedIn(timeline.moments) ?? timeline.moments.get('completed');
  if (!from || !to || !suspended || !unpaused || !observation) return undefined;
  const { low, high } = translate({ low: suspended.low, high: unpaused.high }, from, to);
  return { low: low - observation.baseMs, high: high - observation.baseMs };
}

function endOf(observation: Observation): number {
  return observation.end?.atMs ?? observation.requests.at(-1)?.sentByMs ?? 0;
}

/** `network_ms`: how long the guest did not answer around the switch. Only a silence that ended is a figure. */
function networkFigure(gap: Silence | undefined, observation: Observation | undefined): Figure {
  if (!observation) return { kind: 'missing', reason: 'the observer gave no samples' };
  if (!gap) return { kind: 'missing', reason: 'the guest answered no request' };
  if (gap.untilMs === undefined)
    return {
      kind: 'missing',
      reason: `the guest never answered again (silent for ${Math.round(gap.outageMs.high)} ms)`,
    };
  return { kind: 'captured', ms: gap.outageMs };
}

/** `guest_ms`: the longest silence of the guest's heartbeat around the switch. */
function guestFigure(
  observation: Observation | undefined,
  window: Interval | undefined,
  gap: Silence | undefined,
): Figure {
  if (!observation || observation.heartbeats.length < 2)
    return { kind: 'missing', reason: 'no heartbeat reached the observer' };
  const slowest = slowestRoundTripMs(observation.requests, gap?.fromMs ?? Number.POSITIVE_INFINITY);
  const silence = longestSilence(heartbeatSilencesOf(observation.heartbeats, slowest, endOf(observation)), window);
  if (silence?.untilMs === undefined) return { kind: 'missing', reason: 'no heartbeat came after the switch' };
  return { kind: 'captured', ms: silence.outageMs };
}

function longestRequestPauseMs(observation: Observation | undefined): number {
  const requests = observation?.requests ?? [];
  return requests.reduce(
    (longest, { sentFromMs }, index) => Math.max(longest, sentFromMs - (requests[index - 1]?.sentFromMs ?? sentFromMs)),
    0,
  );
}

function leftoverFindings(placement: Placement): readonly GateFinding[] {
  if (placement.leftovers.length === 0) return [];
  return [
    { code: 'G_LEFTOVER', severity: 'suspicious', message: `nothing was destroyed: ${describePlacement(placement)}` },
  ];
}
