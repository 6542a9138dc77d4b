import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ResourceModule } from '../../../src/contract/module.ts';
import type { Answer } from '../../../src/contract/probe.ts';
import { blockinfile } from '../../../src/modules/blockinfile.ts';
import { lineinfile } from '../../../src/modules/lineinfile.ts';
import { joinLines, placeFor, splitLines } from '../../../src/modules/parts/lines.ts';

const textOfLines = fc
  .tuple(
    fc.array(fc.constantFrom('', 'a', 'b', '# c', '[x]', 'a=1', 'k = v'), { maxLength: 8 }),
    fc.constantFrom('\n', '\r\n'),
    fc.boolean(),
  )
  .map(([lines, end, isEnded]) => lines.join(end) + (isEnded && lines.length > 0 ? end : ''));

/** Text of the file after the module's changes; the same text where there are none. */
function edited(module: ResourceModule, given: object, text: string): string {
  const params = module.params.parse({ path: '/x', ...given });
  const bytes = new TextEncoder().encode(text);
  const entry = {
    type: 'file',
    mode: 0o644,
    owner: 'root',
    group: 'root',
    uid: 0,
    gid: 0,
    sizeBytes: bytes.length,
    modifiedS: 0,
    inode: 1,
  } as const;
  const answers: Answer[] = [
    { kind: 'path', entry },
    { kind: 'text', bytes, text },
  ];
  const [change] = module.plan(module.read(answers, params, []), params, []);
  return change ? (change.after ?? '') : text;
}

describe('splitLines', () => {
  test('gives back the text when joined, with its last line ended', () => {
    fc.assert(
      fc.property(textOfLines, (text) => {
        const joined = joinLines(splitLines(text));
        expect([text, `${text}\n`, `${text}\r\n`]).toContain(joined);
      }),
    );
  });
});

describe('a second edit finds nothing to do after', () => {
  test.each([
    ['a line', lineinfile, { line: 'new' }],
    ['a line at the beginning', lineinfile, { line: 'new', insertbefore: 'BOF' }],
    ['a line behind another', lineinfile, { line: 'new', insertafter: '^a' }],
    ['a line by expression', lineinfile, { line: 'a=2', regexp: '^a=' }],
    ['a line with groups', lineinfile, { line: '\\1 = w', regexp: '^(k) = .*$', backrefs: true }],
    ['lines taken out', lineinfile, { regexp: '^a', state: 'absent' }],
    ['a block', blockinfile, { block: 'one\ntwo' }],
    ['a block behind a line', blockinfile, { block: 'one\n\ntwo\n', insertafter: '^\\[' }],
    ['a block taken out', blockinfile, { state: 'absent' }],
  ])('%s', (_what, module, given) => {
    fc.assert(
      fc.property(textOfLines, (text) => {
        const once = edited(module, given, text);
        expect(edited(module, given, once)).toBe(once);
      }),
    );
  });

  test('a block, and taking it out gives the text back', () => {
    fc.assert(
      fc.property(textOfLines, (text) => {
        const ended = joinLines(splitLines(text));
        expect(edited(blockinfile, { state: 'absent' }, edited(blockinfile, { block: 'x' }, ended))).toBe(ended);
      }),
    );
  });
});

test('a place that is not found is the end', () => {
  expect(placeFor(['a', 'b'], { insertafter: 'z' })).toBe(2);
  expect(placeFor(['a', 'b'], { insertbefore: 'z' })).toBe(2);
  expect(placeFor(['a', 'b'], { insertbefore: 'b' })).toBe(1);
  expect(placeFor(['a', 'b'], {})).toBe(2);
});
