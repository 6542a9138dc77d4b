import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDiagnostic } from '../../src/core/diagnostic.ts';
import { checkTemplateFile, checkText } from '../../src/template/check-template.ts';

const told = (text: string) =>
  checkTemplateFile(text, 'a.hbs')
    .diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, () => text))
    .join('\n');

const read = (text: string) =>
  checkTemplateFile(text, 'a.hbs').references.map(
    ({ root, path, isOptional }) => [root, ...path].join('.') + (isOptional ? '?' : ''),
  );

describe('what is no Handlebars is told with the way to write it', () => {
  test.each([
    ['a filter', 'port {{ port | default(22) }}'],
    ['a filter without arguments', '{{ name | upper }}'],
    ['an index in brackets', '{{ disks[0].name }}'],
    ['an index after a dot', '{{ disks.0 }}'],
    ['a key in brackets', "{{ groups['all'] }}"],
    ['an operator', '{{ a + 1 }}'],
    ['a call', '{{ a.split(",") }}'],
    ['a loop of Jinja', 'x\n{% for a in b %}\n{{a}}\n{% endfor %}'],
    ['a condition of Jinja', '{% if a %}x{% endif %}'],
    ['a template of another tool', "docker ps --format '{{.Names}} {{json .}}'"],
    ['nothing', '{{}}'],
    ['an open brace', 'a\nb {{ c'],
    ['an open block', '{{#if a}}\nx\n'],
    ['a block that is closed by another name', '{{#if a}}x{{/each}}'],
    ['an end without a beginning', 'x {{/if}}'],
    ['an unknown block', '{{#for a}}x{{/for}}'],
    ['a helper as a block', '{{#eq a b}}x{{/eq}}'],
    ['two values for a block', '{{#if eq a b}}x{{/if}}'],
    ['an unknown helper', '{{uper a}}'],
    ['too few arguments', '{{join}} {{replace a "b"}}'],
    ['named arguments', '{{join list sep=","}}'],
    ['an unknown name of a loop', '{{#each a}}{{@idx}}{{/each}}'],
    ['a name of a loop outside one', '{{@index}}'],
    ['a way out of nothing', '{{../a}}'],
    ['a partial', '{{> header}}'],
  ])('%s', (_what, text) => {
    expect(told(text)).not.toBe('');
    expect(told(text)).toMatchSnapshot();
  });

  test('all of them at once', () => {
    expect(checkTemplateFile('{{uper a}}\n{{> b}}\n{{join}}', 'a.hbs').diagnostics.map(({ at }) => at?.line)).toEqual([
      1, 2,
    ]);
  });
});

describe('the variables that a text reads', () => {
  test.each([
    ['{{a}} {{b.c.d}}', ['a', 'b.c.d']],
    ['{{upper (lower a)}}', ['a']],
    ['{{default a b}} {{defined c.d}}', ['a?', 'b', 'c.d?']],
    ['{{#if a}}{{b}}{{else}}{{c}}{{/if}}', ['a', 'b', 'c']],
    ['{{#each a}}{{b}}{{this.c}}{{@index}}{{../d}}{{@root.e}}{{/each}}', ['a', 'b?', 'd', 'e']],
    ['{{#each a as |x i|}}{{x.y}}{{i}}{{z}}{{/each}}', ['a', 'z?']],
    ['{{#each a}}{{else}}{{b}}{{/each}}', ['a', 'b']],
    ['{{omit}} \\{{a}} {{! b }} {{"c"}} {{1}}', []],
    ['{{a.[0].b}}', ['a.0.b']],
  ])('%s', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test('come with their places', () => {
    expect(checkText('x {{a}}', { file: 'f', line: 3, column: 5 }).references[0]?.at).toEqual({
      file: 'f',
      line: 3,
      column: 9,
      length: 1,
    });
  });
});

test('no text makes the check throw', () => {
  const piece = fc.constantFrom(
    '{{',
    '}}',
    '{{{',
    '}}}',
    '#if ',
    '/if',
    '#each ',
    'else',
    'a',
    '.',
    '[0]',
    '(',
    ')',
    '"',
    '|',
    ' as |x|',
    '\n',
    '>',
    '!',
    '--',
    '~',
    '\\',
    '@',
    'join ',
    '%}',
    '{% if',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(text, (sample) => {
      for (const { at } of checkTemplateFile(sample, 'a').diagnostics)
        expect(at?.line).toBeLessThanOrEqual(sample.split('\n').length);
    }),
    { numRuns: 1000, seed: 4 },
  );
});
