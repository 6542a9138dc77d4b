import type { Figure, GateFinding, Trial } from '../contract/trial.ts';
import type { Interval } from '../core/interval.ts';

export interface GateInput {
  readonly figures: Trial['figures'];
  readonly memoryMib: number;
  readonly bandwidthMibPerS: number | undefined;
  readonly sourceClockStepMs: number;
  readonly observerClockStepMs: number;
  /** The longest time between two marks of the source's clock, and between two requests of the observer. */
  readonly longestMarkPauseMs: number;
  readonly longestRequestPauseMs: number;
  readonly spacingMs: number;
}

/** What /proc/uptime, whose grain is 10 ms, can tell of a clock that was set. */
const CLOCK_STEP_MS = 30;
/** A bridge with spanning tree keeps a new port listening and learning for 15 s each. */
const STP_MS: Interval = { low: 25_000, high: 40_000 };
/** A switch that has not seen the guest's announcement sends its frames to the old port until something tells it otherwise. */
const LATE_NETWORK_MS = 1000;

/** What cannot be, and what explains a figure. Empty for a trial that needs no remark. */
export function judge(input: GateInput): readonly GateFinding[] {
  const { figures, memoryMib, bandwidthMibPerS } = input;
  const findings: GateFinding[] = [];
  const add = (severity: GateFinding['severity'], code: string, message: string) =>
    findings.push({ code, severity, message });
  const [total, pause, network, guest] = [figures.total_ms, figures.pause_ms, figures.network_ms, figures.guest_ms].map(
    msOf,
  );

  if (total && bandwidthMibPerS) {
    const floorMs = (memoryMib / bandwidthMibPerS) * 1000;
    if (total.high < floorMs) {
      add(
        'impossible',
        'G_TOTAL_BELOW_FLOOR',
        `total ${shown(total)} is below ${Math.round(floorMs)} ms, which ${memoryMib} MiB take at ${bandwidthMibPerS} MiB/s`,
      );
    }
  }
  if (total && pause && pause.low > total.high) {
    add('impossible', 'G_PAUSE_ABOVE_TOTAL', `pause ${shown(pause)} is above the total time ${shown(total)}`);
  }
  if (network && pause) {
    if (network.high < pause.low) {
      add(
        'impossible',
        'G_NETWORK_BELOW_PAUSE',
        `the guest answered while it was paused: network gap ${shown(network)}, pause ${shown(pause)}`,
      );
    }
    const lateMs = network.low - pause.high;
    if (network.low >= STP_MS.low && network.high <= STP_MS.high && lateMs > LATE_NETWORK_MS) {
      add(
        'suspicious',
        'G_STP',
        `network gap ${shown(network)} with a pause of ${shown(pause)}: the destination's bridge has spanning tree on (bridge: stp off, forward_delay 0)`,
      );
    } else if (lateMs > LATE_NETWORK_MS) {
      add(
        'suspicious',
        'G_LATE_NETWORK',
        `network gap ${shown(network)} is ${Math.round(lateMs)} ms above the pause ${shown(pause)}: the bridge or the switch learnt late where the guest is (gratuitous ARP, forwarding delay, slow hotplug scripts)`,
      );
    }
  }
  if (guest && pause && guest.high < pause.low) {
    add(
      'impossible',
      'G_GUEST_BELOW_PAUSE',
      `heartbeats came while the guest was paused: gap ${shown(guest)}, pause ${shown(pause)}`,
    );
  }
  if (Math.abs(input.sourceClockStepMs) > CLOCK_STEP_MS) {
    add(
      'impossible',
      'G_CLOCK_SET',
      `the source's clock was set by ${Math.round(input.sourceClockStepMs)} ms during the trial`,
    );
  }
  if (input.observerClockStepMs !== 0) {
    add(
      'impossible',
      'G_CLOCK_SET',
      `the observer's clock was set by ${input.observerClockStepMs.toFixed(1)} ms during the trial`,
    );
  }
  for (const [who, pauseMs] of [
    ['the source', input.longestMarkPauseMs],
    ['the observer', input.longestRequestPauseMs],
  ] as const) {
    if (pauseMs > 50 * input.spacingMs) {
      add(
        'note',
        'G_COARSE',
        `${who} was too busy to look for ${Math.round(pauseMs)} ms at one time: intervals may be that much wider`,
      );
    }
  }
  const longest = msOf(figures.longest_network_ms);
  if (network && longest && longest.low > network.high) {
    add('note', 'G_OTHER_GAP', `the longest silence, ${shown(longest)}, is not the one of the switch`);
  }
  return findings;
}

function msOf(figure: Figure): Interval | undefined {
  return figure.kind === 'captured' ? figure.ms : undefined;
}

/** `34.1..38.2 ms`. */
export function shown({ low, high }: Interval): string {
  return `${low.toFixed(1)}..${high.toFixed(1)} ms`;
}
