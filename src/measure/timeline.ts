import type { Milestone, MilestoneName } from '../contract/hypervisor.ts';
import type { Interval } from '../core/interval.ts';
import { type Mark, type MarkedText, parseMarkedStream } from './marked-stream.ts';

/** What a trial's marked stream tells, in milliseconds since 1970 on the source's clock. */
export interface Timeline {
  /** When the migrate command began to run: after it was let go, before it was seen to have done anything. */
  readonly start: Interval | undefined;
  /** When each milestone was written, as far as it was and a mark stands on both sides. */
  readonly moments: ReadonlyMap<MilestoneName, Interval>;
  /** Everything that the toolstack wrote. */
  readonly text: string;
  readonly exitCode: number | undefined;
  /** By how much the source's clock was set while the command ran; hundredths of a second are the grain of /proc/uptime. */
  readonly clockStepMs: number;
  /** The longest time between two marks: what a bracket may have to bear. */
  readonly longestPauseOfMarksMs: number;
}

export function readTimeline(bytes: Uint8Array, milestones: readonly Milestone[]): Timeline {
  const marked = parseMarkedStream(bytes);
  const { text, marks } = marked;
  const moments = new Map<MilestoneName, Interval>();
  for (const { name, text: words } of milestones) {
    const at = text.indexOf(words);
    const moment = at === -1 ? undefined : bracketOf(marked, at, at + words.length);
    if (moment) moments.set(name, moment);
  }
  const end = marks.find(({ words }) => words[0] === 'x');
  return {
    start: startOf(marked),
    moments,
    text: Buffer.from(text, 'latin1').toString('utf8'),
    exitCode: end?.words[1] === undefined ? undefined : Number(end.words[1]),
    clockStepMs: clockStepOf(marks),
    longestPauseOfMarksMs: marks.reduce(
      (longest, { stampMs }, index) => Math.max(longest, stampMs - (marks[index - 1]?.stampMs ?? stampMs)),
      0,
    ),
  };
}

/**
 * When the text from `begin` to `end` was written. It stands behind a mark that was stamped before it was written, so the
 * text came after that stamp. The first mark behind the text was written after the text, and a later stamp says by when that
 * mark was written at the latest: whenever anybody was made to wait, the bracket is wider, never wrong.
 */
export function bracketOf({ marks }: MarkedText, begin: number, end: number): Interval | undefined {
  const before = marks.findLastIndex(({ at }) => at <= begin);
  const after = marks.findIndex(({ at }) => at >= end);
  const low = marks[before]?.stampMs;
  const high = after === -1 ? undefined : writtenByMs(marks, after);
  return low === undefined || high === undefined ? undefined : { low, high: Math.max(low, high) };
}

/**
 * By when a mark had been written. A mark's `previousWrittenMs` speaks of the mark that the same writer wrote before it:
 * the ticker's marks follow each other; those of the beginning (`b`) and the end (`x`) come from the program around it.
 */
function writtenByMs(marks: readonly Mark[], index: number): number | undefined {
  for (let later = index + 1; later < marks.length; later += 1) {
    const written = marks[later]?.previousWrittenMs;
    if (written !== undefined && previousOfSameWriter(marks, later) >= index) return written;
  }
  return undefined;
}

function previousOfSameWriter(marks: readonly Mark[], index: number): number {
  for (let earlier = index - 1; earlier >= 0; earlier -= 1) if (marks[earlier]?.words[0] !== 'b') return earlier;
  return -1;
}

function startOf(marked: MarkedText): Interval | undefined {
  const { marks, text } = marked;
  const released = marks.find(({ words }) => words[0] === 'b');
  if (!released) return undefined;
  const notYet = marks.findLast(({ words }) => words[0] === 'f');
  const low = Math.max(released.stampMs, notYet?.stampMs ?? 0);
  const running = marks.findIndex(({ words }) => words[0] === 'r');
  const seen = running === -1 ? undefined : writtenByMs(marks, running);
  const wrote = text === '' ? undefined : bracketOf(marked, 0, 1)?.high;
  if (seen === undefined && wrote === undefined) return undefined;
  return { low, high: Math.max(low, Math.min(seen ?? Number.POSITIVE_INFINITY, wrote ?? Number.POSITIVE_INFINITY)) };
}

/** The clock may be set while a trial runs; the time since boot cannot. */
function clockStepOf(marks: readonly Mark[]): number {
  const begin = marks.find(({ words }) => words[0] === 'b');
  const end = marks.find(({ words }) => words[0] === 'x');
  if (!begin || !end) return 0;
  return end.stampMs - begin.stampMs - (Number(end.words[2]) - Number(begin.words[1])) * 1000;
}
