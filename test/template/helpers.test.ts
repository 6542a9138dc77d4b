import { describe, expect, test } from 'vitest';
import { TEMPLATE_HELPERS } from '../../src/template/helpers.ts';
import { renderTemplate } from '../../src/template/render.ts';

const scope = {
  list: ['b', 'a', 'b'],
  numbers: [3, 1, 2],
  map: { k: 'v', l: 'w' },
  items: [{ n: 1 }, { n: 2 }],
  text: 'one\ntwo\n\nthree',
  path: '/etc/xen/xl.conf',
  tricky: "it's $HOME",
};

const CASES: Readonly<Record<string, readonly (readonly [text: string, expected: string])[]>> = {
  default: [['{{default list.[9] "x"}}', 'x']],
  defined: [['{{defined map.k}} {{defined map.z}}', 'true false']],
  lookup: [['{{lookup map "k"}} {{lookup list 1}}', 'v a']],
  ternary: [['{{ternary (defined map) "y" "n"}} {{ternary false "y" "n"}}', 'y n']],
  eq: [['{{eq 1 1}} {{eq "1" 1}} {{eq map.k "v"}}', 'true false true']],
  ne: [['{{ne 1 2}}', 'true']],
  lt: [['{{lt 1 2}} {{lt "10" 9}} {{lt "a" "b"}}', 'true false true']],
  le: [['{{le 2 2}}', 'true']],
  gt: [['{{gt 2 2}}', 'false']],
  ge: [['{{ge 2 2}}', 'true']],
  and: [['{{and true 1 "x"}} {{and true 0}}', 'true false']],
  or: [['{{or false ""}} {{or false list}}', 'false true']],
  not: [['{{not ""}} {{not list}}', 'true false']],
  contains: [
    [
      '{{contains list "a"}} {{contains map "k"}} {{contains text "two"}} {{contains list "z"}}',
      'true true true false',
    ],
  ],
  add: [['{{add 1 2 "3"}}', '6']],
  subtract: [['{{subtract 5 7}}', '-2']],
  multiply: [['{{multiply 2 3.5}}', '7']],
  divide: [['{{divide 7 2}} {{divide -7 2}}', '3 -4']],
  int: [['{{int "12"}} {{int 3.9}}', '12 3']],
  range: [['{{join (range 2 5)}}', '2,3,4']],
  length: [['{{length list}} {{length map}} {{length path}}', '3 2 16']],
  first: [['{{first list}}', 'b']],
  last: [['{{last numbers}}', '2']],
  join: [['{{join list}} {{join numbers " + "}}', 'b,a,b 3 + 1 + 2']],
  split: [['{{last (split path "/")}}', 'xl.conf']],
  map: [['{{join (map items "n")}}', '1,2']],
  sort: [['{{join (sort numbers)}} {{join (sort list)}}', '1,2,3 a,b,b']],
  unique: [['{{join (unique list)}}', 'b,a']],
  concat: [['{{join (concat list numbers)}}', 'b,a,b,3,1,2']],
  keys: [['{{join (keys map)}}', 'k,l']],
  values: [['{{join (values map)}}', 'v,w']],
  upper: [['{{upper "aé"}}', 'AÉ']],
  lower: [['{{lower "AB"}}', 'ab']],
  trim: [['<{{trim "  a "}}>', '<a>']],
  replace: [['{{replace "a.b.c" "." "$&"}}', 'a$&b$&c']],
  indent: [['  {{indent text 2}}', '  one\n  two\n\n  three']],
  quote: [['{{quote tricky}}', `'it'\\''s $HOME'`]],
  basename: [['{{basename path}}', 'xl.conf']],
  dirname: [['{{dirname path}} {{dirname "x"}}', '/etc/xen .']],
  json: [['{{json map}} {{json list 1}}', '{"k":"v","l":"w"} [\n "b",\n "a",\n "b"\n]']],
  yaml: [['{{yaml map}}', 'k: v\nl: w']],
  from_yaml: [['{{join (lookup (from_yaml "a: [1, 2]") "a")}}', '1,2']],
  b64encode: [['{{b64encode "é"}}', 'w6k=']],
  b64decode: [['{{b64decode "w6k="}}', 'é']],
};

describe('each helper does what its line in the documentation says', () => {
  test.each(TEMPLATE_HELPERS.map(({ name }) => name))('%s', (name) => {
    const cases = CASES[name] ?? [];
    expect(cases.length).toBeGreaterThan(0);
    for (const [text, expected] of cases) expect(renderTemplate(text, 'a', scope)).toBe(expected);
  });
});

test.each([
  ['{{add "x" 1}}', 'add: expected a number, got "x"'],
  ['{{join "x"}}', 'join: expected a list, got a text'],
  ['{{upper list}}', 'upper: expected a text, got a list'],
  ['{{length 5}}', 'length: expected a list, a mapping or a text, got a number'],
  ['{{lookup map "z"}}', 'lookup: no "z" among k, l'],
  ['{{map items "z"}}', 'map: no "z" among n'],
  ['{{last (split "" "")}}', 'last: no "-1" in a list'],
  ['{{length (range 0 99999999)}}', 'range: more than 10000 numbers'],
  ['{{b64decode "%"}}', 'b64decode: expected base64 of a UTF-8 text'],
])('%s is a fault of the text, not of bench', (text, message) => {
  expect(() => renderTemplate(text, 'a', scope)).toThrow(message);
});

test('no helper changes what it is given', () => {
  const before = JSON.stringify(scope);
  for (const [text] of Object.values(CASES).flat()) renderTemplate(text, 'a', scope);
  expect(JSON.stringify(scope)).toBe(before);
});
