import type { ActionHost } from '../contract/module.ts';
import { ask, volatile } from '../contract/probe.ts';
import type { ClockReading } from './clocks.ts';

const DATE = volatile(ask('date', '+%s.%N'));

/** Reads a host's clock over its session. Undefined when what `date` wrote is no time. */
export async function readClock(host: ActionHost, signal: AbortSignal): Promise<ClockReading | undefined> {
  const askedMs = host.clock.monotonicMs();
  const [answer] = await host.ask([DATE], signal);
  const answeredMs = host.clock.monotonicMs();
  const [, seconds, nanos] = /^(\d+)\.(\d{9})\s*$/.exec(answer.stdout) ?? [];
  if (seconds === undefined || nanos === undefined) return undefined;
  return { askedMs, answeredMs, hostMs: Number(seconds) * 1000 + Number(nanos) / 1e6 };
}
