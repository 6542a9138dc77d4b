import type { Figure, Proof, Trial } from '../contract/trial.ts';
import { type Interval, middleOf } from '../core/interval.ts';
import { medianConfidence, medianInterval, resolutionOf } from '../core/statistics.ts';
import { counted } from '../core/text.ts';
import { clip, grouped, indented, table, wrap } from './layout.ts';
import type { OutputOptions } from './options.ts';
import { renderStageBar } from './stage-bar.ts';
import { type Paint, SIGN } from './style.ts';

const FIGURES = [
  ['total', 'total_ms'],
  ['pause', 'pause_ms'],
  ['network', 'network_ms'],
  ['guest', 'guest_ms'],
] as const;

/** `4 770..4 866`: whole milliseconds, one number where both ends are the same. */
export function formatInterval({ low, high }: Interval): string {
  const [from, to] = [grouped(low), grouped(high)];
  return from === to ? from : `${from}..${to}`;
}

function formatFigure(figure: Figure): string {
  return figure.kind === 'captured' ? formatInterval(figure.ms) : 'missing';
}

function verdictText({ verdict }: Trial): string {
  switch (verdict.kind) {
    case 'captured':
      return `${SIGN.ok} captured`;
    case 'missed':
      return `${SIGN.failed} missed`;
    case 'migrationFailed':
      return `${SIGN.failed} migration failed`;
    case 'guestLost':
      return `${SIGN.failed} guest lost`;
  }
}

function reasonsOf({ verdict }: Trial): readonly string[] {
  switch (verdict.kind) {
    case 'captured':
      return [];
    case 'missed':
      return verdict.reasons;
    case 'migrationFailed':
      return [verdict.reason, verdict.evidence];
    case 'guestLost':
      return [verdict.evidence];
  }
}

/** A trial as soon as it is over, with the reasons where it did not count. */
export function renderTrialLine(trial: Trial, paint: Paint, width: number): string[] {
  const isGood = trial.verdict.kind === 'captured';
  const figures = FIGURES.slice(0, 3).map(([name, key]) => `${name} ${formatFigure(trial.figures[key])}`);
  const text = `${trial.guest}  ${trial.source} -> ${trial.destination}  ${figures.join('  ')}${isGood ? ' ms' : ''}`;
  const sign = isGood ? paint('ok', SIGN.ok) : paint('failed', SIGN.failed);
  const reasons = reasonsOf(trial).flatMap((reason) => indented(wrap(reason, width - 5), 5));
  return [` ${sign} ${clip(text, width - 3)}`, ...reasons];
}

/**
 * One row a trial, in the order in which they ran: figures as the intervals in which they lie, in milliseconds. The verdict
 * is its sign alone where the words do not fit.
 */
export function renderTrialTable(trials: readonly Trial[], width: number): string[] {
  const full = trialTable(trials, verdictText);
  const isFitting = full.every((line) => line.length <= width);
  return isFitting ? full : trialTable(trials, (trial) => verdictText(trial).slice(0, 1));
}

function trialTable(trials: readonly Trial[], verdictOf: (trial: Trial) => string): string[] {
  const head = ['trial', 'guest', 'way', ...FIGURES.map(([name]) => name), ''];
  const rows = trials.map((trial, index) => [
    String(index + 1),
    trial.guest,
    `${trial.source} -> ${trial.destination}`,
    ...FIGURES.map(([, key]) => formatFigure(trial.figures[key])),
    verdictOf(trial),
  ]);
  const align = ['right', 'left', 'left', 'right', 'right', 'right', 'right', 'left'] as const;
  return indented(table([head, ...rows], align), 3);
}

/** What verify shows: the smoke migrations, the figures of each series of trials, the stages, and whether all were captured. */
export function renderVerify(
  trials: readonly Trial[],
  options: Pick<OutputOptions, 'width' | 'verbosity' | 'report'>,
  paint: Paint,
): string[] {
  const series = [...Map.groupBy(trials, (trial) => `${trial.kind} ${trial.series}`).values()];
  const smoke = series.filter(([first]) => first?.kind === 'smoke');
  const benchmark = series.filter(([first]) => first?.kind === 'benchmark');
  const lines = [
    ...smoke.flatMap((of) => renderSmoke(of, paint, options.width)),
    ...benchmark.flatMap((of) => renderBenchmark(of, options)),
  ];
  const captured = trials.filter(({ verdict }) => verdict.kind === 'captured').length;
  const meaning = captured === trials.length ? 'ok' : 'failed';
  const verdict = `captured: ${captured} of ${counted(trials.length, 'trial')} ${captured === 1 ? 'has' : 'have'} downtime and total migration time`;
  return [
    ...lines,
    ` ${paint(meaning, SIGN[meaning])} ${verdict}`,
    ...(options.report === undefined ? [] : [`   report: ${options.report}`]),
  ];
}

function renderSmoke(trials: readonly Trial[], paint: Paint, width: number): string[] {
  const [first] = trials;
  if (!first) return [];
  const way = [first.source, ...trials.map(({ destination }) => destination)].join(' -> ');
  const proofs = trials.flatMap(({ proofs: held }) => held);
  const broken = proofs.filter(({ isHeld }) => !isHeld);
  const isGood = broken.length === 0 && trials.every(({ verdict }) => verdict.kind === 'captured');
  const held = [...new Set(proofs.filter(({ isHeld }) => isHeld).map(({ name }) => name))];
  const names = held.filter((name) => !broken.some((proof) => proof.name === name));
  const sign = isGood ? paint('ok', SIGN.ok) : paint('failed', SIGN.failed);
  const [head = '', ...more] = wrap(`${first.guest}  ${way}   ${names.join(', ')}`, width - 16);
  return [
    ` smoke      ${head}  ${sign}`,
    ...indented(more, 12),
    ...broken.flatMap((proof) => indented(wrap(brokenText(proof), width - 12), 12)),
    ...trials.flatMap((trial) => reasonsOf(trial)).flatMap((reason) => indented(wrap(reason, width - 12), 12)),
  ];
}

function brokenText({ name, evidence }: Proof): string {
  return `${SIGN.failed} not: ${name}: ${evidence}`;
}

function renderBenchmark(trials: readonly Trial[], options: Pick<OutputOptions, 'width' | 'verbosity'>): string[] {
  const [first] = trials;
  if (!first) return [];
  const conditions = Object.keys(first.conditions).map((name) => formatCondition(name, trials));
  const [head = '', ...more] = wrap(
    [`${first.guest}  ${counted(trials.length, 'trial')}`, ...conditions].join(', '),
    options.width - 12,
  );
  const good = trials.filter(({ verdict }) => verdict.kind === 'captured');
  const bar = renderStageBar(middleTrial(good)?.stages ?? [], options.width - 6);
  return [
    ` benchmark  ${head}`,
    ...indented(more, 12),
    '',
    ...(options.verbosity > 0 || good.length < trials.length
      ? [...renderTrialTable(trials, options.width), ...missLines(trials, options.width), '']
      : []),
    ...(good.length > 0 ? [...renderFigures(good), ''] : []),
    ...indented(bar, 3),
    ...renderFindings(trials, options.width),
  ];
}

/** Why trials do not count, by their number in the table. */
function missLines(trials: readonly Trial[], width: number): string[] {
  return trials.flatMap((trial, index) =>
    reasonsOf(trial).flatMap((reason) => {
      const [first = '', ...more] = wrap(`trial ${index + 1}: ${reason}`, width - 5);
      return [` ${SIGN.failed} ${first}`, ...indented(more, 3)];
    }),
  );
}

const UNITS: readonly (readonly [suffix: string, unit: string])[] = [
  ['_mib_per_s', ' MiB/s'],
  ['_mib', ' MiB'],
  ['_ms', ' ms'],
  ['_s', ' s'],
  ['_percent', ' %'],
];

/** `memory 512 MiB`; what differs between the trials has all its values. */
function formatCondition(name: string, trials: readonly Trial[]): string {
  const [suffix = '', unit = ''] = UNITS.find(([ending]) => name.endsWith(ending)) ?? [];
  const values = [...new Set(trials.map(({ conditions }) => String(conditions[name] ?? 'none')))];
  return `${name.slice(0, name.length - suffix.length).replaceAll('_', ' ')} ${values.join(' or ')}${unit}`;
}

/** Medians of a series with their confidence intervals. Guests that were lost and failed migrations are not among them. */
export function renderFigures(trials: readonly Trial[]): string[] {
  const rows = FIGURES.map(([name, key]) => ({ name, values: capturedOf(trials, key) }));
  const levels = rows.flatMap(({ values }) => medianConfidence(values)?.level ?? []);
  const isReached = rows.every(({ values }) => values.length === 0 || medianConfidence(values)?.isReached);
  const title = isReached ? '95 % interval' : `${Math.floor(Math.min(...levels) * 100)} % interval`;
  const pause = medianInterval(capturedOf(trials, 'pause_ms'));
  const body = rows.map(({ name, values }) => {
    const median = medianInterval(values);
    const confidence = medianConfidence(values);
    const resolution = resolutionOf(values);
    if (!median || !confidence || resolution === undefined) return [name, 'missing', '', '', ''];
    const { low, high } = confidence.interval;
    const excess = name === 'network' && pause ? middleOf(median) - middleOf(pause) : undefined;
    return [
      name,
      `${grouped(middleOf(median))} ms`,
      `${grouped(low)} .. ${grouped(high)}`,
      `± ${grouped(Math.max(1, resolution))} ms`,
      excess === undefined || excess < 1 ? '' : `${grouped(excess)} ms above the pause`,
    ];
  });
  const lines = table(
    [['figure', 'median', title, 'resolution', ''], ...body],
    ['left', 'right', 'right', 'right', 'left'],
  );
  const few = isReached ? [] : [`${trials.length} trials are too few for 95 %: six are the least`];
  return indented([...lines, ...few], 3);
}

function capturedOf(trials: readonly Trial[], key: (typeof FIGURES)[number][1]): Interval[] {
  return trials.flatMap(({ figures }) => (figures[key].kind === 'captured' ? [figures[key].ms] : []));
}

/** The trial whose total time stands in the middle: its stages stand for the series. */
function middleTrial(trials: readonly Trial[]): Trial | undefined {
  const total = ({ figures }: Trial) => (figures.total_ms.kind === 'captured' ? middleOf(figures.total_ms.ms) : 0);
  return trials.toSorted((a, b) => total(a) - total(b))[Math.floor(trials.length / 2)];
}

function renderFindings(trials: readonly Trial[], width: number): string[] {
  const findings = trials.flatMap((trial) => trial.findings);
  return [...Map.groupBy(findings, ({ code }) => code).values()].flatMap((same) => {
    const [first] = same;
    if (!first) return [];
    const sign = first.severity === 'note' ? ' ' : first.severity === 'impossible' ? SIGN.failed : SIGN.warning;
    const count = same.length === 1 ? '' : ` (${same.length} of ${trials.length} trials)`;
    const [head = '', ...more] = wrap(`${first.message}${count}`, width - 5);
    return [` ${sign} ${head}`, ...indented(more, 3)];
  });
}
