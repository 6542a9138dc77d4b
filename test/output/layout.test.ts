import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clip, grouped, printable, spread, table, wrap } from '../../src/output/layout.ts';

test('wrapping keeps all words and no line is too long', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,30}$/), { maxLength: 20 }),
      fc.integer({ min: 8, max: 40 }),
      (words, width) => {
        const lines = wrap(words.join(' '), width);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
        expect(lines.join('').replaceAll(' ', '')).toBe(words.join(''));
      },
    ),
  );
});

test('a clipped text says that it is cut, and is one line', () => {
  expect(clip('abcdef', 6)).toBe('abcdef');
  expect(clip('abcdefg', 6)).toBe('abcde…');
  expect(clip('ab\ncd', 6)).toBe('ab');
  expect(clip('abc', 0)).toBe('');
});

test('what is spread stands at both ends', () => {
  expect(spread('left', 'right', 14)).toBe('left     right');
  expect(spread('a long left side', 'right', 14)).toBe('a long…  right');
});

test('digits come in groups of three', () => {
  expect([0, 999, 1000, 4812.4, 1234567].map(grouped)).toEqual(['0', '999', '1 000', '4 812', '1 234 567']);
});

test('columns line up', () => {
  expect(
    table(
      [
        ['a', '1'],
        ['bbb', '22'],
      ],
      ['left', 'right'],
    ),
  ).toEqual(['a     1', 'bbb  22']);
});

test('control characters of a host never reach the terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).not.toMatch(/(?!\n)\p{Cc}/u);
    }),
  );
});
