import type { Stage, StageName } from '../contract/trial.ts';
import { middleOf } from '../core/interval.ts';
import { grouped } from './layout.ts';

const SHORT: Readonly<Record<StageName, string>> = {
  'pre-migration': 'prepare',
  reservation: 'reserve',
  'pre-copy': 'pre-copy',
  'stop-and-copy': 'stop',
  commitment: 'commit',
  activation: 'activate',
};

/**
 * The stages of a migration on one line, and below it how many milliseconds each took. Every stage has room for its name;
 * what is left of the width is shared by the time that they took.
 */
export function renderStageBar(stages: readonly Stage[], width: number): string[] {
  if (stages.length === 0) return [];
  const segments = stages.map(({ name, begin, end }) => {
    const ms = Math.max(0, middleOf(end) - middleOf(begin));
    const time = ms < 10 ? ms.toFixed(1) : grouped(ms);
    return { label: SHORT[name], ms, time, least: Math.max(SHORT[name].length, time.length) };
  });
  const total = segments.reduce((sum, { ms }) => sum + ms, 0);
  const spare = Math.max(0, width - segments.reduce((sum, { least }) => sum + least + 1, 1));
  const widths = segments.map(({ ms, least }) => least + (total === 0 ? 0 : Math.floor((spare * ms) / total)));
  const cells = (text: (segment: (typeof segments)[number]) => string, fill: string) =>
    `|${segments.map((segment, index) => centred(text(segment), widths[index] ?? 0, fill)).join('|')}|`;
  return [cells(({ label }) => label, '='), cells(({ time }) => time, ' ')];
}

function centred(text: string, width: number, fill: string): string {
  const room = width - text.length;
  const padded = room >= 4 && fill !== ' ' ? ` ${text} ` : text;
  const left = Math.floor((width - padded.length) / 2);
  return `${fill.repeat(left)}${padded}${fill.repeat(width - padded.length - left)}`;
}
