import fc from 'fast-check';
import { dump } from 'js-yaml';
import { expect, test } from 'vitest';
import { parseYaml } from '../../src/contract/parse-yaml.ts';
import { toPlain, type YamlNode } from '../../src/contract/yaml-node.ts';
import { formatDiagnostic } from '../../src/core/diagnostic.ts';

function plain(text: string): unknown {
  const { node, diagnostics } = parseYaml(text, 'vars.yml');
  expect(diagnostics).toEqual([]);
  return node && toPlain(node);
}

function problems(text: string): string[] {
  return parseYaml(text, 'vars.yml').diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, () => text));
}

function entry(node: YamlNode | undefined, key: string): YamlNode | undefined {
  return node?.kind === 'mapping' ? node.entries.find((item) => item.key === key)?.value : undefined;
}

test('values are typed by the core schema, and yes, no, on, off stay texts', () => {
  const text =
    'a: yes\nb: no\nc: on\nd: off\ne: true\nf: 12\ng: 0x10\nh: 1.5\ni: ~\nj:\nk: 2026-11-24\nl: "12"\nm: !!str 12\n';
  expect(plain(text)).toEqual({
    a: 'yes',
    b: 'no',
    c: 'on',
    d: 'off',
    e: true,
    f: 12,
    g: 16,
    h: 1.5,
    i: null,
    j: null,
    k: '2026-11-24',
    l: '12',
    m: '12',
  });
});

test('every node knows the line, the column and the length of what stands there', () => {
  const { node } = parseYaml(
    "hosts:\n  - name: 'xen1'\n    port: 22\n    note: |\n      two\n      lines\n",
    'vars.yml',
  );
  const host = entry(node, 'hosts');
  const first = host?.kind === 'sequence' ? host.items[0] : undefined;
  expect(first?.at).toEqual({ file: 'vars.yml', line: 2, column: 5, length: 1 });
  expect(entry(first, 'name')).toEqual({
    kind: 'scalar',
    value: 'xen1',
    isQuoted: true,
    at: { file: 'vars.yml', line: 2, column: 11, length: 6 },
  });
  expect(entry(first, 'port')?.at).toEqual({ file: 'vars.yml', line: 3, column: 11, length: 2 });
  expect(entry(first, 'note')?.at).toMatchObject({ line: 5, column: 7 });
});

test('an empty value stands where its key stands', () => {
  expect(entry(parseYaml('a: 1\nempty:\n', 'vars.yml').node, 'empty')?.at).toMatchObject({ line: 2, column: 1 });
});

test('an alias gives the anchored value and "<<" merges mappings under the own keys', () => {
  expect(
    plain('base: &base {a: 1, b: 2}\nmore: &more {b: 3, c: 4}\nx:\n  <<: [*base, *more]\n  a: 9\ny: *base\n'),
  ).toMatchObject({ x: { a: 9, b: 2, c: 4 }, y: { a: 1, b: 2 } });
});

test('a quoted "<<" is an ordinary key', () => {
  expect(plain('"<<": 1\n')).toEqual({ '<<': 1 });
});

test('a text without content has no node and no mistake', () => {
  expect(parseYaml('# only a comment\n', 'vars.yml')).toEqual({ node: undefined, diagnostics: [] });
  expect(parseYaml('', 'vars.yml')).toEqual({ node: undefined, diagnostics: [] });
});

test('an explicit null document is a node', () => {
  expect(parseYaml('---\nnull\n', 'vars.yml').node).toMatchObject({ kind: 'scalar', value: null });
});

test('aliases that stand for billions of nodes are refused in no time', () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 12; level += 1) {
    const before = `*a${level - 1}`;
    lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => before).join(', ')}]`);
  }
  expect(problems(lines.join('\n'))).toMatchInlineSnapshot(`
    [
      "vars.yml:5:45: with alias *a3 written out the file has more than 100000 nodes [E_YAML_TOO_LARGE]
        5 | a4: &a4 [*a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3]
          |                                             ^^^",
    ]
  `);
});

test('an alias inside its own anchor is refused', () => {
  expect(problems('a: &loop\n  b: *loop\n')).toMatchInlineSnapshot(`
    [
      "vars.yml:2:6: alias *loop stands inside its own anchor [E_YAML_ALIAS]
        2 |   b: *loop
          |      ^^^^^",
    ]
  `);
});

test('all mistakes of a readable document are told at once', () => {
  expect(
    problems('a: 1\na: 2\nb: *nowhere\nc: !vault x\nd: !!int seven\ne: 12345678901234567890\n[x]: y\n'),
  ).toMatchInlineSnapshot(`
    [
      "vars.yml:2:1: key "a" stands twice; it was first given in line 1 [E_YAML_DUPLICATE_KEY]
        2 | a: 2
          | ^
      hint: remove one of the two",
      "vars.yml:3:4: no anchor &nowhere stands before this alias [E_YAML_ALIAS]
        3 | b: *nowhere
          |    ^^^^^^^^",
      "vars.yml:4:4: unknown tag !vault [E_YAML_TAG]
        4 | c: !vault x
          |    ^^^^^^
      hint: read the secret from a file or from the environment",
      "vars.yml:5:10: "seven" is no int [E_YAML_TAG]
        5 | d: !!int seven
          |          ^^^^^",
      "vars.yml:6:4: 12345678901234567890 has more digits than a number can hold [E_YAML_NUMBER]
        6 | e: 12345678901234567890
          |    ^^^^^^^^^^^^^^^^^^^^
      hint: quote it: "12345678901234567890"",
      "vars.yml:7:1: expected a text as key, got a sequence [E_YAML_KEY]
        7 | [x]: y
          | ^",
    ]
  `);
});

test('an unquoted template is told apart from a mapping', () => {
  expect(problems('src: {{ image }}\n')).toMatchInlineSnapshot(`
    [
      "vars.yml:1:7: expected a text as key, got a mapping [E_YAML_KEY]
        1 | src: {{ image }}
          |       ^
      hint: a value that begins with {{ needs quotes: "{{ … }}"",
    ]
  `);
  expect(problems('src: {{ image }}/disk\n')).toMatchInlineSnapshot(`
    [
      "vars.yml:1:17: not valid YAML: bad indentation of a mapping entry [E_YAML]
        1 | src: {{ image }}/disk
          |                 ^
      hint: a value that begins with {{ needs quotes: "{{ … }}"",
    ]
  `);
});

test('a tab, an open quote, a control character and a too deep nesting are told with their place', () => {
  expect(problems('a:\n\tb: 1\n')).toMatchInlineSnapshot(`
    [
      "vars.yml:2:1: not valid YAML: tab characters must not be used in indentation [E_YAML]
        2 |   b: 1
          | ^",
    ]
  `);
  expect(problems('a: "open\nb: 1\n')).toMatchInlineSnapshot(`
    [
      "vars.yml:2:1: not valid YAML: deficient indentation [E_YAML]
        2 | b: 1
          | ^
      hint: look above for a quote or a bracket that is not closed",
    ]
  `);
  expect(problems('a: \u0000\n')[0]).toContain('vars.yml:1:4: not valid YAML: null byte');
  expect(problems('['.repeat(200))[0]).toContain('nesting exceeded');
});

test('a second document is refused where it begins', () => {
  expect(problems('a: 1\n---\nb: 2\n')).toMatchInlineSnapshot(`
    [
      "vars.yml:3:1: a second document begins here; one file holds one [E_YAML_DOCUMENTS]
        3 | b: 2
          | ^
      hint: split the file",
    ]
  `);
});

test('what a YAML writer writes is read back as the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const { node, diagnostics } = parseYaml(dump(value), 'vars.yml');
      fc.pre(!diagnostics.some(({ code }) => code === 'E_YAML_NUMBER' || code === 'E_YAML_KEY'));
      expect(diagnostics).toEqual([]);
      expect(node && JSON.stringify(toPlain(node))).toBe(JSON.stringify(value));
    }),
  );
});

test('no text makes it throw', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[-a-c:[\]{}*&!|>'"#,? \n\t<0-9]{0,40}$/), (text) => {
      const { diagnostics } = parseYaml(text, 'vars.yml');
      for (const { at } of diagnostics) expect(at?.line).toBeLessThanOrEqual(text.split('\n').length);
    }),
    { numRuns: 1000 },
  );
});
