import type { HostRecap, RunResult } from '../contract/event.ts';
import { formatDuration } from '../core/duration.ts';
import { counted } from '../core/text.ts';
import { clip, indented, spread, table, wrap } from './layout.ts';
import type { OutputOptions } from './options.ts';
import { type Paint, SIGN } from './style.ts';
import type { Tally } from './tally.ts';

const COLUMNS = ['ok', 'changed', 'skipped', 'unknown', 'failed', 'unreachable', 'rescued', 'ignored'] as const;

/** The last lines of a run: what became of each host, or that nothing had to be done, and what to type next. */
export function renderRecap(
  tally: Tally,
  result: RunResult,
  elapsedMs: number,
  options: Pick<OutputOptions, 'width' | 'again' | 'lastChange'>,
  paint: Paint,
): string[] {
  const isQuiet = result.status === 'done' && result.hosts.every(isUntouched);
  const lines = isQuiet
    ? quietLines(tally, elapsedMs, options, paint)
    : hostTable(tally, result, elapsedMs, options, paint);
  const left = [
    ...listed('not finished', result.undone, options.width),
    ...listed('handlers that did not run', result.pendingHandlers, options.width),
  ];
  const isStopped = result.status !== 'done' && result.status !== 'missedMark' && tally.mode === 'apply';
  const again = isStopped && options.again !== undefined ? [` again from here:  ${options.again}`] : [];
  return [...lines, ...left, ...again];
}

function isUntouched({ tally }: HostRecap): boolean {
  return (
    tally.changed === 0 && tally.unknown === 0 && tally.failed === 0 && tally.unreachable === 0 && tally.rescued === 0
  );
}

function quietLines(
  tally: Tally,
  elapsedMs: number,
  { width, lastChange }: Pick<OutputOptions, 'width' | 'lastChange'>,
  paint: Paint,
): string[] {
  const scope = `${counted(tally.tasks.size, 'task')} on ${counted(tally.hostCount, 'host')}`;
  if (tally.tasks.size === 0) return [spread(` ${SIGN.skipped} no task was due`, formatDuration(elapsedMs), width)];
  const since = lastChange === undefined ? '' : `; the last change was ${lastChange}`;
  return [
    spread(` ${SIGN.ok} ${scope}, nothing to do`, formatDuration(elapsedMs), width).replace(
      SIGN.ok,
      paint('ok', SIGN.ok),
    ),
    `   the lab is as the playbooks say${since}`,
  ];
}

function hostTable(
  tally: Tally,
  result: RunResult,
  elapsedMs: number,
  { width }: Pick<OutputOptions, 'width'>,
  paint: Paint,
): string[] {
  const shown = COLUMNS.filter((status) => result.hosts.some((host) => host.tally[status] > 0));
  const rows = result.hosts.map(({ host, tally: counts }) => [
    host,
    ...shown.map((status) => (counts[status] === 0 ? '' : `${label(status, tally.mode)} ${counts[status]}`)),
    ...(tally.stops.has(host) ? [`at ${tally.stops.get(host)}`] : []),
  ]);
  const lines = table(rows, ['left', ...shown.map(() => 'left' as const), 'left']).map((line) => clip(line, width - 1));
  const painted = lines.map((line, index) => {
    const counts = result.hosts[index]?.tally;
    const isBad = (counts?.failed ?? 0) + (counts?.unreachable ?? 0) > 0;
    return ` ${isBad ? paint('failed', line) : line}`;
  });
  return [...painted, headline(tally, result, elapsedMs, width, paint)];
}

function label(status: (typeof COLUMNS)[number], mode: Tally['mode']): string {
  return status === 'changed' && mode === 'check' ? 'would change' : status;
}

function headline(tally: Tally, result: RunResult, elapsedMs: number, width: number, paint: Paint): string {
  const meaning = result.status === 'done' ? 'ok' : 'failed';
  const text = ` ${SIGN[meaning]} ${headlineText(tally, result)}`;
  return spread(text, formatDuration(elapsedMs), width).replace(SIGN[meaning], paint(meaning, SIGN[meaning]));
}

function headlineText(tally: Tally, { status, hosts }: RunResult): string {
  const scope = `${counted(tally.tasks.size, 'task')} on ${counted(tally.hostCount, 'host')}`;
  const changes = hosts.reduce((sum, host) => sum + host.tally.changed, 0);
  switch (status) {
    case 'done':
      return tally.mode === 'check'
        ? `${scope}, ${changes} would change something; nothing was touched`
        : `${scope}, ${changes} changed something`;
    case 'failed':
      return `${scope}, ${counted(hosts.filter((host) => host.tally.failed > 0).length, 'host')} failed`;
    case 'unreachable':
      return `${scope}, ${counted(hosts.filter((host) => host.tally.unreachable > 0).length, 'host')} not reached`;
    case 'missedMark':
      return `${scope}, the figures that had to be captured were not`;
    case 'interrupted':
      return `${scope}, interrupted`;
  }
}

function listed(name: string, items: readonly string[], width: number): string[] {
  if (items.length === 0) return [];
  const [first = '', ...more] = wrap(`${name}: ${items.join(', ')}`, width - 3);
  return [`   ${first}`, ...indented(more, 5)];
}
