import type { HypervisorDriver } from '../contract/hypervisor.ts';
import type { ActionHost } from '../contract/module.ts';
import { messageOf } from '../core/errors.ts';
import { type HostList, isSettled, type Placement, placementOf } from './placement.ts';

/** A copy that a failed migration gives up goes away by itself within a second or two, on real hosts under load in ten. */
const SETTLING_MS = 10_000;
const BETWEEN_MS = 500;

/**
 * Where the guest is, by the lists of both hosts. While it is not on exactly one of them, or something is left over, they are
 * asked again for a while: the two ends of a migration do not end at one moment.
 */
export async function locateGuest(
  guest: string,
  driver: HypervisorDriver,
  hosts: readonly ActionHost[],
  signal: AbortSignal,
): Promise<Placement> {
  const [first] = hosts;
  const begun = first?.clock.monotonicMs() ?? 0;
  for (;;) {
    const placement = placementOf(guest, await Promise.all(hosts.map((host) => listOf(host, driver, signal))));
    if (isSettled(placement) || !first || first.clock.monotonicMs() - begun > SETTLING_MS) return placement;
    await first.clock.sleep(BETWEEN_MS, signal);
  }
}

/** A host that does not answer is part of the answer: what became of the guest must be told even then. */
async function listOf(host: ActionHost, driver: HypervisorDriver, signal: AbortSignal): Promise<HostList> {
  try {
    const [answer] = await host.ask([driver.listProbe], signal);
    return { host: host.name, guests: driver.readGuests(answer) };
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    return { host: host.name, reason: messageOf(thrown) };
  }
}
