import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isCommand, splitWords } from '../../../src/modules/parts/words.ts';

test('splits as the shell does, whatever is quoted how', () => {
  const piece = fc.constantFrom(
    'a',
    'bc',
    ' ',
    '  ',
    '\t',
    '"',
    "'",
    '\\ ',
    '\\\\',
    '\\"',
    '""',
    "'x y'",
    '"p q"',
    '-o',
    '=',
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
      (text) => {
        const { status, stdout } = spawnSync(
          'sh',
          ['-c', `set -f; set -- ${text}\nfor word; do printf '%s\\036' "$word"; done`],
          { encoding: 'utf8' },
        );
        const words = stdout.split('\x1e').slice(0, -1);
        expect(splitWords(text)).toEqual(status === 0 ? words : undefined);
      },
    ),
    { numRuns: 150, seed: 7 },
  );
});

test('expands nothing', () => {
  expect(splitWords('echo $HOME *.c "$(date)" ~ a#b')).toEqual(['echo', '$HOME', '*.c', '$(date)', '~', 'a#b']);
});

test.each(["echo 'a", 'echo "a', 'a\\', '', '   '])('takes %j for no command', (text) => {
  expect(isCommand(text)).toBe(false);
});
