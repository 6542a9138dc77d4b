import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Milestone } from '../../src/contract/hypervisor.ts';
import { parseMarkedStream } from '../../src/measure/marked-stream.ts';
import { bracketOf, readTimeline } from '../../src/measure/timeline.ts';

const T0 = 1_795_531_742_000;

function stamp(ms: number): string {
  const micros = Math.round((T0 + ms) * 1000);
  return `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, '0')}`;
}

function mark(ms: number, previous: number | undefined, word = '-'): string {
  return `\u001e${stamp(ms)} ${previous === undefined ? '-' : stamp(previous)} ${word}\u001f`;
}

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));

describe('marks in a stream', () => {
  test('are taken out of the text wherever they stand, also within a word', () => {
    const { text, marks } = parseMarkedStream(
      bytes(`${mark(0, undefined)}Migration suc${mark(2, 0.1)}cessful.\n${mark(4, 2.1)}`),
    );
    expect(text).toBe('Migration successful.\n');
    expect(marks.map(({ at }) => at)).toEqual([0, 13, 22]);
  });

  test('control characters in a text are text', () => {
    const odd = 'a\u001eb\u001fc\u001e';
    expect(parseMarkedStream(bytes(odd))).toEqual({ text: odd, marks: [] });
    expect(parseMarkedStream(bytes(`\u001ex${mark(1, undefined)}y`)).text).toBe('\u001exy');
  });

  test('any text comes back whole, whatever marks stand in it', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ unit: 'grapheme-ascii' }), fc.nat(10_000))), (parts) => {
        const stream = parts.map(([text, ms]) => text + mark(ms, undefined)).join('');
        expect(parseMarkedStream(bytes(stream)).text).toBe(parts.map(([text]) => text).join(''));
      }),
    );
  });
});

/** A ticker that is held up at random, and a writer whose pieces fall anywhere between its marks. */
function simulate(
  delays: readonly (readonly [work: number, write: number, sleep: number])[],
  events: readonly { at: number; text: string }[],
) {
  let now = 0;
  let previous: number | undefined;
  const writes: { at: number; text: string }[] = [...events];
  for (const [work, write, sleep] of delays) {
    const stamped = now;
    const written = stamped + work + 1e-3;
    writes.push({ at: written, text: mark(stamped, previous) });
    previous = written + write + 1e-3;
    now = previous + sleep + 1e-3;
  }
  return writes
    .toSorted((one, other) => one.at - other.at)
    .map(({ text }) => text)
    .join('');
}

const delay = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: 0, max: 2, noNaN: true }) },
  { weight: 1, arbitrary: fc.double({ min: 0, max: 300, noNaN: true }) },
);

describe('the bracket of a text', () => {
  test('holds the moment at which it was written, however the ticker is held up', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(delay, delay, delay), { minLength: 3, maxLength: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 }),
        (delays, share, others) => {
          const length = delays.reduce((sum, [work, write, sleep]) => sum + work + write + sleep, 0);
          const at = share * length;
          const noise = others.map((other) => ({ at: other * length, text: 'libxl: debug: ' }));
          const marked = parseMarkedStream(bytes(simulate(delays, [{ at, text: 'guest has suspended\n' }, ...noise])));
          const begin = marked.text.indexOf('guest has suspended');
          const bracket = bracketOf(marked, begin, begin + 'guest has suspended'.length);
          if (!bracket) return;
          expect(bracket.low - T0).toBeLessThanOrEqual(at + 1e-3);
          expect(bracket.high - T0).toBeGreaterThanOrEqual(at - 1e-3);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('a text that is torn in two by a mark is bracketed from before its first byte to after its last', () => {
    const marked = parseMarkedStream(
      bytes(`${mark(0, undefined)}${mark(2, 0.1)}suspe${mark(4, 2.1)}nded${mark(6, 4.1)}${mark(8, 6.1)}`),
    );
    expect(bracketOf(marked, 0, 9)).toEqual({ low: T0 + 2, high: T0 + 6.1 });
  });

  test('a text without a mark before it, or without two behind it, has none', () => {
    expect(bracketOf(parseMarkedStream(bytes(`x${mark(2, undefined)}${mark(4, 2.1)}`)), 0, 1)).toBeUndefined();
    expect(bracketOf(parseMarkedStream(bytes(`${mark(0, undefined)}x${mark(2, 0.1)}`)), 0, 1)).toBeUndefined();
  });
});

const milestones: readonly Milestone[] = [{ name: 'completed', text: 'Migration successful.', writer: 'source' }];

describe('a whole trial', () => {
  const whole = [
    mark(0, undefined, 'f'),
    mark(1, undefined, 'b 100.00'),
    mark(2, 0.1, 'f'),
    mark(4, 2.1, 'e'),
    mark(6, 4.1, 'r'),
    mark(8, 6.1),
    'Migration successful.\n',
    mark(10, 8.1),
    mark(5010, undefined, 'x 0 105.01'),
    mark(5010.1, 5010.1),
  ].join('');

  test('starts after the last look that saw nothing executed and before the look that saw it run', () => {
    expect(readTimeline(bytes(whole), milestones).start).toEqual({ low: T0 + 2, high: T0 + 6.1 });
  });

  test('starts at the latest when the command wrote something', () => {
    const early = whole.replace(mark(4, 2.1, 'e'), `x${mark(4, 2.1, 'e')}`);
    expect(readTimeline(bytes(early), milestones).start).toEqual({ low: T0 + 2, high: T0 + 4.1 });
  });

  test('tells the exit code, and no step of a clock that nobody set', () => {
    const timeline = readTimeline(bytes(whole), milestones);
    expect(timeline.exitCode).toBe(0);
    expect(Math.abs(timeline.clockStepMs)).toBeLessThan(20);
    expect(timeline.moments.get('completed')).toEqual({ low: T0 + 8, high: T0 + 5010.1 });
  });

  test('tells by how much the clock was set meanwhile', () => {
    expect(readTimeline(bytes(whole.replace('105.01', '103.01')), milestones).clockStepMs).toBeCloseTo(1999, -1);
  });

  test('an empty stream tells nothing', () => {
    expect(readTimeline(new Uint8Array(), milestones)).toMatchObject({
      start: undefined,
      exitCode: undefined,
      text: '',
    });
  });
});
