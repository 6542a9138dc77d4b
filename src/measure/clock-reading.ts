import type { ActionHost } from '../contract/module.ts';
import { ask, volatile } from '../contract/probe.ts';
import type { ClockReading } from './clocks.ts';

const DATE = volatile(ask('date', '+%s.%N'));

/** Reads a host's clock over its session. Undefined when the host does not answer, or what `date` wrote is no time. */
export async function readClock(host: ActionHost, signal: AbortSignal): Promise<ClockReading | undefined> {
  const askedMs = host.clock.monotonicMs();
  // A reading less widens the span in which the switch is looked for; a trial is not given up for that.
  const [answer] = await host.ask([DATE], signal).catch(() => [undefined]);
  if (!answer) return undefined;
  const answeredMs = host.clock.monotonicMs();
  const [, seconds, nanos] = /^(\d+)\.(\d{9})\s*$/.exec(answer.stdout) ?? [];
  if (seconds === undefined || nanos === undefined) return undefined;
  return { askedMs, answeredMs, hostMs: Number(seconds) * 1000 + Number(nanos) / 1e6 };
}
