import type { Session } from '../contract/host.ts';
import type { HypervisorDriver } from '../contract/hypervisor.ts';
import type { ActionHost } from '../contract/module.ts';
import { BenchError, messageOf } from '../core/errors.ts';
import { type HostList, isSettled, type Placement, placementOf } from './placement.ts';

/** A copy that a failed migration gives up goes away by itself within a second or two, on real hosts under load in ten. */
const SETTLING_MS = 10_000;
const BETWEEN_MS = 500;

/** A host whose session was opened beforehand: it can still be asked when the run's own signal is aborted. */
export interface HeldHost {
  readonly host: ActionHost;
  readonly session: Session;
}

export async function holdHost(host: ActionHost): Promise<HeldHost> {
  return { host, session: await host.session() };
}

/**
 * Where the guest is, by the lists of both hosts. While it is not on exactly one of them, or something is left over, they are
 * asked again for a while: the two ends of a migration do not end at one moment.
 */
export async function locateGuest(
  guest: string,
  driver: HypervisorDriver,
  hosts: readonly [HeldHost, HeldHost],
  signal: AbortSignal,
): Promise<Placement> {
  const { clock } = hosts[0].host;
  const begun = clock.monotonicMs();
  for (;;) {
    const placement = placementOf(guest, await Promise.all(hosts.map((held) => listOf(held, driver, signal))));
    if (isSettled(placement) || clock.monotonicMs() - begun > SETTLING_MS) return placement;
    await clock.sleep(BETWEEN_MS, signal);
  }
}

/** A host that does not answer is part of the answer: what became of the guest must be told even then. */
async function listOf({ host, session }: HeldHost, driver: HypervisorDriver, signal: AbortSignal): Promise<HostList> {
  try {
    const frame = { sections: [{ kind: 'ask', probes: [driver.listProbe] }] } as const;
    const [section] = await session.exchange(frame, { privilege: host.privilege, signal });
    const answer = section?.kind === 'answers' ? section.answers[0] : undefined;
    if (answer?.kind !== 'command') throw new BenchError('E_NO_ANSWER', 'it gave no answer');
    return { host: host.name, guests: driver.readGuests(answer) };
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    return { host: host.name, reason: messageOf(thrown) };
  }
}
