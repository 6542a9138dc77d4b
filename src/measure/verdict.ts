import type { FailureReading } from '../contract/hypervisor.ts';
import type { Figure, GateFinding, Proof, Trial, TrialVerdict } from '../contract/trial.ts';
import type { Silence } from './gaps.ts';
import { describePlacement, type Placement } from './placement.ts';

export interface VerdictInput {
  readonly kind: Trial['kind'];
  readonly destination: string;
  /** Why the toolstack, or the way to it, failed; undefined when it succeeded. */
  readonly failure: FailureReading | undefined;
  readonly placement: Placement;
  readonly gap: Silence | undefined;
  readonly observedUntilMs: number | undefined;
  readonly figures: Trial['figures'];
  readonly findings: readonly GateFinding[];
  readonly proofs: readonly Proof[];
  readonly sawHeartbeats: boolean;
}

/** What a trial is worth. Only `captured` may be averaged. */
export function verdictOf(input: VerdictInput): TrialVerdict {
  const { failure, placement, destination, gap, figures, kind, sawHeartbeats } = input;
  const evidence = describePlacement(placement);
  if (failure) {
    const reason = failure.hint
      ? `${failure.cause} (${failure.hint.replaceAll('NAME', placement.guest)})`
      : failure.cause;
    return { kind: 'migrationFailed', reason, evidence };
  }
  const [first, ...others] = placement.present;
  if (others.length > 0) return { kind: 'migrationFailed', reason: 'the guest is on both hosts at once', evidence };
  if (first?.host !== destination) {
    return {
      kind: 'migrationFailed',
      reason: 'the toolstack reported success, and the guest is not at the destination',
      evidence,
    };
  }
  if (gap && gap.untilMs === undefined) {
    const silentS = (((input.observedUntilMs ?? gap.fromMs) - gap.fromMs) / 1000).toFixed(1);
    return { kind: 'guestLost', evidence: `no reply for ${silentS} s until the observer gave up; ${evidence}` };
  }
  const reasons = [
    ...missingOf('total_ms', figures.total_ms),
    ...missingOf('pause_ms', figures.pause_ms),
    ...missingOf('network_ms', figures.network_ms),
    ...(sawHeartbeats ? missingOf('guest_ms', figures.guest_ms) : []),
    ...input.findings.filter(({ severity }) => severity === 'impossible').map(({ message }) => message),
    ...(kind === 'smoke' || sawHeartbeats
      ? input.proofs.filter(({ isHeld }) => !isHeld).map(({ name, evidence: seen }) => `not proved: ${name}: ${seen}`)
      : []),
  ];
  return reasons.length === 0 ? { kind: 'captured' } : { kind: 'missed', reasons };
}

function missingOf(name: string, figure: Figure): readonly string[] {
  return figure.kind === 'missing' ? [`no ${name}: ${figure.reason}`] : [];
}
