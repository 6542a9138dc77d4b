import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DiagnosticError, formatDiagnostic } from '../../src/core/diagnostic.ts';
import { Secret } from '../../src/core/secret.ts';
import { CEL_FUNCTIONS } from '../../src/template/cel-environment.ts';
import { checkCondition } from '../../src/template/check-condition.ts';
import { evaluate, evaluateCondition } from '../../src/template/condition.ts';
import { celFromJinja } from '../../src/template/jinja.ts';

const at = { file: 'site.yml', line: 3, column: 13 };
const scope = {
  rc: 0,
  big: 2 ** 60,
  share: 0.5,
  name: 'xen1',
  yes: true,
  nil: null,
  mixed: [1, 2, 'a'],
  numbers: [3, 1.5, 2],
  result: { rc: 1, changed: true, stat: { exists: false }, stdout_lines: ['a', 'b'] },
  groups: { xen_hosts: ['xen1', 'xen2'] },
  password: new Secret('hunter2-hunter2'),
  get unread(): string {
    throw new Error('must not be read');
  },
};

const resultOf = (text: string) => evaluate({ text, at }, scope);

/** What a user reads of a condition that cannot be used. */
function faultOf(text: string, work: () => unknown = () => evaluateCondition({ text, at }, scope)): string {
  try {
    work();
  } catch (thrown) {
    if (!(thrown instanceof DiagnosticError)) throw thrown;
    return thrown.diagnostics.map((one) => formatDiagnostic(one, () => `\n\n      when: ${text}`)).join('\n');
  }
  throw new Error('it has a value');
}

describe('values', () => {
  test.each([
    ['rc == 0', true],
    ['rc + 1', 1],
    ['7 / 2', 3],
    ['7 % 2 == 1', true],
    ['share + 1', 1.5],
    ['2 * share - rc', 1],
    ['result.rc > share', true],
    ['rc == 0.0', true],
    ['2 in mixed && "a" in mixed', true],
    ['mixed[1] + 1', 3],
    ['size(result.stdout_lines)', 2],
    ['name == groups["xen_hosts"][0]', true],
    ['name in groups.xen_hosts', true],
    ['result.stat.exists == false', true],
    ['nil == null', true],
    ['name.matches("^xen[0-9]+$")', true],
    ['name.startsWith("xen") ? "x" : "k"', 'x'],
    ['result.stdout_lines.map(l, l + "!")', ['a!', 'b!']],
    ['{"a": 1, "b": [1, 2.5]}', { a: 1, b: [1, 2.5] }],
    ['result', { ...scope.result }],
    ['password == "hunter2-hunter2"', true],
    ['has(result.rc) && !has(result.stderr)', true],
    ['result.?stderr.orValue("none")', 'none'],
    ['big > 1', true],
    ['min(numbers) + max(numbers) + sum(numbers)', 11],
    ['min([2, 1]) == 1', true],
    ['int("12") + 1', 13],
    ['string(rc) + "0"', '00'],
  ])('%s', (text, expected) => {
    expect(resultOf(text)).toEqual(expected);
  });

  test.each([
    ['defined(rc)', true],
    ['defined(nothing)', false],
    ['defined(result.stat.exists)', true],
    ['defined(result.stat.size)', false],
    ['defined(nothing.at.all)', false],
    ['defined(mixed[7])', false],
    ['default(nothing, 5)', 5],
    ['default(result.stderr, "") == ""', true],
    ['default(result.rc, 9)', 1],
    ['default(groups.kvm_hosts, [])', []],
  ])('what may be missing: %s', (text, expected) => {
    expect(resultOf(text)).toEqual(expected);
  });

  test('a condition is true or false', () => {
    expect(evaluateCondition({ text: 'rc == 0', at }, scope)).toBe(true);
    expect(evaluateCondition({ text: 'false', at }, scope)).toBe(false);
  });

  test('whole numbers come back as they went in', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (n) => {
        expect(evaluate({ text: 'n', at }, { n: n + 0 })).toBe(n + 0);
      }),
      { seed: 5 },
    );
    fc.assert(
      fc.property(fc.integer(), fc.double({ noNaN: true, min: -1e9, max: 1e9 }), (a, b) => {
        expect(evaluate({ text: 'a < b', at }, { a, b })).toBe(a < b);
        expect(Number(evaluate({ text: 'a + b', at }, { a, b }))).toBeCloseTo(a + b, 3);
      }),
      { seed: 6 },
    );
  });

  test('values of any shape come back as they went in', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false, maxDepth: 4 }), (value) => {
        const plain = JSON.parse(JSON.stringify(value).replaceAll('"__proto__"', '"proto"').replaceAll('-0', '0'));
        expect(evaluate({ text: 'v', at }, { v: plain })).toEqual(plain);
      }),
      { seed: 7 },
    );
  });
});

describe('what is wrong with a condition', () => {
  test('a variable that is not there', () => {
    expect(faultOf('yes && rcc == 0')).toMatchInlineSnapshot(`
      "site.yml:3:20: variable "rcc" is not defined [E_UNDEFINED_VARIABLE]
          3 |       when: yes && rcc == 0
            |                    ^^^
        hint: did you mean "rc"?"
    `);
  });

  test('a part that is not there', () => {
    expect(faultOf('result.stat.exist')).toMatchInlineSnapshot(`
      "site.yml:3:25: "result.stat" has no "exist" [E_UNDEFINED_VARIABLE]
          3 |       when: result.stat.exist
            |                         ^^^^^
        hint: did you mean "exists"?"
    `);
    expect(faultOf('groups["kvm_hosts"] == []')).toMatchInlineSnapshot(`
      "site.yml:3:13: "groups" has no "kvm_hosts" [E_UNDEFINED_VARIABLE]
          3 |       when: groups["kvm_hosts"] == []
            |             ^^^^^^^^^^^^^^^^^^^
        hint: groups has xen_hosts"
    `);
    expect(faultOf('mixed[7] == 1')).toMatchInlineSnapshot(`
      "site.yml:3:13: index out of bounds, index 7 >= size 3 [E_UNDEFINED_VARIABLE]
          3 |       when: mixed[7] == 1
            |             ^^^^^^^^"
    `);
  });

  test('a value that is neither true nor false', () => {
    expect(faultOf('name')).toMatchInlineSnapshot(`
      "site.yml:3:13: a condition gives true or false, this one gives a text [E_CONDITION_TYPE]
          3 |       when: name
            |             ^^^^
        hint: write name == "xen1""
    `);
    expect(faultOf('rc')).toMatchInlineSnapshot(`
      "site.yml:3:13: a condition gives true or false, this one gives a number [E_CONDITION_TYPE]
          3 |       when: rc
            |             ^^
        hint: write rc == 0"
    `);
    expect(faultOf('groups.xen_hosts')).toMatchInlineSnapshot(`
      "site.yml:3:13: a condition gives true or false, this one gives a list [E_CONDITION_TYPE]
          3 |       when: groups.xen_hosts
            |             ^^^^^^^^^^^^^^^^
        hint: write size(groups.xen_hosts) > 0"
    `);
    expect(faultOf('yes && name')).toMatchInlineSnapshot(`
      "site.yml:3:13: &&, ||, ! and ?: take true or false, got a text [E_CONDITION_TYPE]
          3 |       when: yes && name
            |             ^^^^^^^^^^^
        hint: compare it: x == "text", x > 0, size(x) > 0"
    `);
    expect(faultOf('!name')).toMatchInlineSnapshot(`
      "site.yml:3:13: "!" takes true or false, got a text [E_CONDITION_TYPE]
          3 |       when: !name
            |             ^^^^^"
    `);
  });

  test('types that do not go together', () => {
    expect(faultOf('name + 1 == "a"')).toMatchInlineSnapshot(`
      "site.yml:3:13: "+" does not take a text and a number [E_CONDITION_TYPE]
          3 |       when: name + 1 == "a"
            |             ^^^^^^^^
        hint: convert one of them: int(x), double(x), string(x)"
    `);
    expect(faultOf('name > 1')).toMatchInlineSnapshot(`
      "site.yml:3:13: ">" does not take a text and a number [E_CONDITION_TYPE]
          3 |       when: name > 1
            |             ^^^^^^^^
        hint: convert one of them: int(x), double(x), string(x)"
    `);
    expect(faultOf('size(rc) > 0')).toMatchInlineSnapshot(`
      "site.yml:3:13: function "size" does not take a number [E_CONDITION_TYPE]
          3 |       when: size(rc) > 0
            |             ^^^^^^^^"
    `);
  });

  test('an unknown function', () => {
    expect(faultOf('sise(mixed) > 0')).toMatchInlineSnapshot(`
      "site.yml:3:13: unknown function "sise" [E_UNKNOWN_FUNCTION]
          3 |       when: sise(mixed) > 0
            |             ^^^^^^^^^^^
        hint: did you mean "size"?"
    `);
    expect(faultOf('name.reversed() == "1nex"')).toMatchInlineSnapshot(`
      "site.yml:3:13: unknown function "reversed" [E_UNKNOWN_FUNCTION]
          3 |       when: name.reversed() == "1nex"
            |             ^^^^^^^^^^^^^^^
        hint: often used: defined, default, size, int, string, matches, startsWith, contains, split, exists, all"
    `);
  });

  test('a name that CEL keeps for itself', () => {
    expect(faultOf('type == "a"')).toMatchInlineSnapshot(`
      "site.yml:3:13: "type" is a word of CEL here and not a variable [E_CONDITION_SYNTAX]
          3 |       when: type == "a"
            |             ^^^^
        hint: give the variable another name: my_type"
    `);
    expect(faultOf('package.name == "a"')).toMatchInlineSnapshot(`
      "site.yml:3:13: condition is not CEL: "package" cannot stand here [E_CONDITION_SYNTAX]
          3 |       when: package.name == "a"
            |             ^^^^^^^
        hint: CEL keeps this word for itself; give the variable another name"
    `);
    expect(evaluateCondition({ text: 'type(rc) == int && mixed.all(type, type != 3)', at }, scope)).toBe(true);
  });

  test('braces', () => {
    expect(faultOf('{{ name }} == "xen1"')).toMatchInlineSnapshot(`
      "site.yml:3:13: a condition is an expression already and takes no {{ }} [E_CONDITION_SYNTAX]
          3 |       when: {{ name }} == "xen1"
            |             ^^
        hint: write name == "xen1""
    `);
  });

  test('has() of a variable', () => {
    expect(faultOf('has(nothing)')).toMatchInlineSnapshot(`
      "site.yml:3:17: has() asks for a part of a variable [E_CONDITION_TYPE]
          3 |       when: has(nothing)
            |                 ^^^^^^^
        hint: write defined(nothing)"
    `);
  });

  test('a condition that ends too early, and one with an odd sign', () => {
    expect(faultOf('rc == ')).toMatchInlineSnapshot(`
      "site.yml:3:18: condition is not CEL: the condition ends too early [E_CONDITION_SYNTAX]
          3 |       when: rc == 
            |                  ^"
    `);
    expect(faultOf('rc == 0 ; yes')).toMatchInlineSnapshot(`
      "site.yml:3:21: condition is not CEL: ";" cannot stand here [E_CONDITION_SYNTAX]
          3 |       when: rc == 0 ; yes
            |                     ^"
    `);
  });
});

describe('a condition written for Ansible is told in CEL', () => {
  test.each([
    ['rc == 0 and yes', 'rc == 0 && yes'],
    ['rc == 0 or not yes', 'rc == 0 || !yes'],
    ['not rc == 0', '!(rc == 0)'],
    ['not (yes and rc == 0)', '!(yes && rc == 0)'],
    ['nothing is defined', 'defined(nothing)'],
    ['nothing.part is not defined or yes', '!defined(nothing.part) || yes'],
    ['nothing is undefined', '!defined(nothing)'],
    ['nil is none and rc is not none', 'nil == null && rc != null'],
    ['result is changed', 'result.changed'],
    ['result is not failed', '!result.failed'],
    ['result is succeeded', '!result.failed'],
    ['yes | bool', 'yes'],
    ['nothing | default(false)', 'default(nothing, false)'],
    ['nothing | default("") | length > 0', 'size(default(nothing, "")) > 0'],
    ['name | length > 3', 'size(name) > 3'],
    ['name | lower == "xen1"', 'name.lowerAscii() == "xen1"'],
    ['rc | int > 3', 'int(rc) > 3'],
    ['name not in groups.xen_hosts', '!(name in groups.xen_hosts)'],
    ["'a and b' in name and yes", "'a and b' in name && yes"],
    ['name is match("xen.*")', 'name.matches("xen.*")'],
    ['yes == True', 'yes == true'],
    ['nil == None', 'nil == null'],
    ['rc = 0', 'rc == 0'],
    ['{{ rc }} == 0 and yes', 'rc == 0 && yes'],
    [
      "inventory_hostname == groups['xen_hosts'][0] and rc == 0",
      "inventory_hostname == groups['xen_hosts'][0] && rc == 0",
    ],
  ])('%s', (jinja, cel) => {
    expect(celFromJinja(jinja)).toBe(cel);
    expect(faultOf(jinja)).toContain(`hint: write ${cel}`);
  });

  test('what is CEL already is left alone', () => {
    for (const text of ['a == b', 'a && !b', 'size(a) > 0', 'a <= b', 'a != b', '"x" in y'])
      expect(celFromJinja(text)).toBeUndefined();
  });
});

describe('the check before a run', () => {
  const read = (text: string) =>
    checkCondition(text, at).references.map(
      ({ root, path, isOptional }) => [root, ...path].join('.') + (isOptional ? '?' : ''),
    );

  test.each([
    ['a && b.c.d == "x"', ['a', 'b.c.d']],
    ['a["k"].l[0] == 1', ['a.k.l']],
    ['a[b] == 1', ['a', 'b']],
    ['defined(a.b) && default(c, d) == 1', ['a.b?', 'c?', 'd']],
    ['has(a.b)', ['a.b']],
    ['a.exists(x, x == y) || b.map(x, x.z) == []', ['a', 'y', 'b']],
    ['cel.bind(x, a, x + 1) == 2', ['a']],
    ['[a, {"k": b}] == [] ? c : !d', ['a', 'b', 'c', 'd']],
    ['true', []],
  ])('knows what is read: %s', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test('knows types as far as they show', () => {
    const told = (text: string, wanted?: 'anything') =>
      checkCondition(text, at, wanted).diagnostics.map(({ message }) => message);
    expect(told('size(a) + 1')).toEqual(['a condition gives true or false, this one gives a number']);
    expect(told('size(a) + 1', 'anything')).toEqual([]);
    expect(told('"a" + 1 == b')).toEqual(['"+" does not take a text and a number']);
    expect(told('a')).toEqual([]);
  });

  test('gives places in the file', () => {
    expect(checkCondition('a && b', at).references[1]?.at).toEqual({
      file: 'site.yml',
      line: 3,
      column: 18,
      length: 1,
    });
  });

  test('never throws', () => {
    const piece = fc.constantFrom(
      'a',
      '.b',
      '[0]',
      '(',
      ')',
      ' && ',
      ' and ',
      '!',
      '"x"',
      "'",
      '{{',
      '}}',
      '=',
      ' == ',
      ' in ',
      ' is defined',
      ' | ',
      'default',
      ',',
      '1',
      '?',
      ':',
      '\\',
      '\n',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(text, (sample) => {
        const { diagnostics } = checkCondition(sample, { file: 'a', line: 1, column: 1 });
        for (const { at: place } of diagnostics) expect(place?.line).toBeLessThanOrEqual(sample.split('\n').length);
      }),
      { numRuns: 1500, seed: 8 },
    );
  });
});

test('what bench adds to CEL is documented', () => {
  expect(CEL_FUNCTIONS.map(({ usage }) => usage.match(/\w+(?=\()/)?.[0])).toEqual([
    'defined',
    'default',
    'min',
    undefined,
  ]);
});
