import type { Proof } from '../contract/trial.ts';
import type { Silence } from './gaps.ts';
import type { Heartbeat, Observation } from './observation.ts';
import { describePlacement, isSettled, type Placement } from './placement.ts';

/** What was seen before the switch and after it, as the evidence that the guest is the same one. */
export interface ProofInput {
  readonly observation: Observation | undefined;
  /** The silence that holds the switch. */
  readonly gap: Silence | undefined;
  readonly placement: Placement;
  readonly destination: string;
}

/** Each property of the migrated guest, held or not, with what was seen. */
export function proofsOf({ observation, gap, placement, destination }: ProofInput): readonly Proof[] {
  return [
    onOneHost(placement, destination),
    sameAddresses(observation, gap),
    ...heartbeatProofs(observation?.heartbeats ?? [], gap),
  ];
}

function onOneHost(placement: Placement, destination: string): Proof {
  const isHeld = isSettled(placement) && placement.present[0]?.host === destination;
  return { name: 'on exactly one host', isHeld, evidence: describePlacement(placement) };
}

function sameAddresses(observation: Observation | undefined, gap: Silence | undefined): Proof {
  const name = 'same addresses';
  if (!observation) return { name, isHeld: false, evidence: 'nothing was observed' };
  if (gap?.untilMs === undefined)
    return { name, isHeld: false, evidence: `${observation.mac} did not answer after the switch` };
  const after = observation.requests.filter(
    ({ answeredMs }) => answeredMs !== undefined && answeredMs >= (gap.untilMs ?? 0),
  ).length;
  return {
    name,
    isHeld: after > 0,
    evidence: `${after} requests to ${observation.mac} were answered after the switch`,
  };
}

function heartbeatProofs(heartbeats: readonly Heartbeat[], gap: Silence | undefined): readonly Proof[] {
  const before = heartbeats.filter(({ receivedMs }) => !gap || receivedMs <= gap.fromMs).at(-1);
  const last = heartbeats.at(-1);
  const seen = before !== undefined && last !== undefined && last !== before;
  const none = 'no heartbeat was seen on both sides of the switch';
  const boots = new Set(heartbeats.map(({ bootId }) => bootId));
  const backwards = heartbeats.findIndex(
    ({ sequence }, index) => index > 0 && sequence <= (heartbeats[index - 1]?.sequence ?? -1),
  );
  const sent = (last?.sequence ?? 0) - (heartbeats[0]?.sequence ?? 0) + 1;
  const grown = (last?.diskRecords ?? 0) - (before?.diskRecords ?? 0);
  const errors = Math.max(0, ...heartbeats.map(({ diskErrors }) => diskErrors));
  return [
    {
      name: 'same boot',
      isHeld: seen && boots.size === 1,
      evidence: !seen
        ? none
        : boots.size === 1
          ? `boot ${before.bootId}`
          : `heartbeats of ${boots.size} boots: ${[...boots].join(', ')}`,
    },
    {
      name: 'heartbeat continuous',
      isHeld: seen && backwards === -1,
      evidence: !seen
        ? none
        : backwards === -1
          ? `${heartbeats[0]?.sequence} to ${last.sequence}, ${sent - heartbeats.length} of ${sent} did not arrive`
          : `number ${heartbeats[backwards]?.sequence} came after ${heartbeats[backwards - 1]?.sequence}`,
    },
    {
      name: 'disk intact',
      isHeld: seen && grown > 0 && errors === 0,
      evidence: !seen ? none : `${grown} records written since the switch, ${errors} errors`,
    },
  ];
}
