import { describe, expect, test } from 'vitest';
import { parseYaml } from '../../src/contract/parse-yaml.ts';
import { positionInside, withPieces } from '../../src/contract/text-pieces.ts';

/** Where the word MARK stands, by the place of the value that holds it. */
function placeOfMark(yaml: string): string {
  const { node } = parseYaml(yaml, 'a.yml');
  const value = node?.kind === 'mapping' ? node.entries.at(-1)?.value : undefined;
  if (value?.kind !== 'scalar' || typeof value.value !== 'string') throw new Error('no text');
  const at = withPieces(value.at, yaml.split('\n'), value.value);
  const { line, column } = positionInside(at, value.value, { offset: value.value.indexOf('MARK'), length: 4 });
  return `${line}:${column}`;
}

function truePlace(yaml: string): string {
  const before = yaml.slice(0, yaml.indexOf('MARK'));
  return `${before.split('\n').length}:${before.length - before.lastIndexOf('\n')}`;
}

describe('a part of a text is found where it stands in the file', () => {
  test.each([
    ['plain', 'a: b MARK c'],
    ['single quotes', "a: 'b MARK c'"],
    ['doubled single quotes', "a: 'it''s a MARK'"],
    ['double quotes', 'a: "b MARK c"'],
    ['escapes', 'a: "b \\"x\\" \\t \\u00e9 MARK c"'],
    ['a literal block', 'a: |\n  one\n    two MARK\n  three\n'],
    ['a literal block that begins with a quote', 'a: |\n  "one"\n  two MARK\n'],
    ['a literal block with blank lines', 'a: |-\n\n  one\n\n  two MARK\n'],
    ['a literal block with a stated indentation', 'a: |2\n    one\n  two MARK\n'],
    ['a folded block', 'a: >\n  one\n  two\n\n  three MARK\n'],
    ['a plain text over lines', 'a: one\n  two\n  three MARK four\n'],
    ['a quoted text over lines', 'a: "one\n  two\n\n  three MARK four"\n'],
    ['an item in flow style', 'a: "x"\nb: "MARK"'],
    ['text that comes twice', 'a: "one one MARK"'],
  ])('%s', (_style, yaml) => {
    expect(placeOfMark(yaml)).toBe(truePlace(yaml));
  });

  test('a text of a whole file needs no pieces', () => {
    expect(positionInside({ file: 'a.hbs', line: 1, column: 1 }, 'one\ntwo MARK', { offset: 8, length: 4 })).toEqual({
      file: 'a.hbs',
      line: 2,
      column: 5,
      length: 4,
    });
  });

  test('a part that goes over a line end is marked up to there', () => {
    expect(positionInside({ file: 'a', line: 1, column: 1 }, 'ab\ncd', { offset: 1, length: 4 }).length).toBe(1);
  });
});
