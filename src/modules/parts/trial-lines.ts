import type { Figure, Trial } from '../../contract/trial.ts';
import { middleOf } from '../../core/interval.ts';
import { medianOf } from '../../core/statistics.ts';

const FIGURES = ['total_ms', 'pause_ms', 'network_ms', 'guest_ms'] as const;

/** One trial in one line: `smoke g1 xen1 to xen2: total 1204.1..1210.3 ms, pause 58.9..63.0 ms, network …, guest …`. */
export function trialLine({ kind, guest, source, destination, figures, verdict }: Trial): string {
  const shown = FIGURES.map((name) => `${name.slice(0, -'_ms'.length)} ${shownFigure(figures[name])}`);
  return `${kind} ${guest} ${source} to ${destination}: ${shown.join(', ')}${verdict.kind === 'captured' ? '' : ` (${wordsOf(verdict.kind)})`}`;
}

function shownFigure(figure: Figure): string {
  return figure.kind === 'captured' ? `${figure.ms.low.toFixed(1)}..${figure.ms.high.toFixed(1)} ms` : 'not captured';
}

function wordsOf(kind: Exclude<Trial['verdict']['kind'], 'captured'>): string {
  return { missed: 'missed its mark', migrationFailed: 'the migration failed', guestLost: 'the guest is lost' }[kind];
}

/** What the reader of a trial should see beside its figures: why it missed, what was proved, what explains a figure. */
export function remarksOf({ verdict, findings, proofs, kind }: Trial): readonly string[] {
  const reasons =
    verdict.kind === 'missed'
      ? verdict.reasons
      : verdict.kind === 'migrationFailed'
        ? [verdict.reason, verdict.evidence]
        : verdict.kind === 'guestLost'
          ? [verdict.evidence]
          : [];
  const proved =
    kind === 'smoke' && verdict.kind === 'captured' ? proofs.map(({ name, evidence }) => `${name}: ${evidence}`) : [];
  return [
    ...reasons,
    ...proved,
    ...findings.filter(({ severity }) => severity !== 'impossible').map(({ message }) => message),
  ].map((line) => `  ${line}`);
}

/** Middles of the intervals of what was captured, the median of them; null where nothing was. */
export function mediansOf(trials: readonly Trial[]): Readonly<Record<string, number | null>> {
  return Object.fromEntries(
    FIGURES.map((name) => {
      const middles = trials.flatMap(({ figures }) =>
        figures[name].kind === 'captured' ? [middleOf(figures[name].ms)] : [],
      );
      return [name, medianOf(middles) ?? null];
    }),
  );
}
