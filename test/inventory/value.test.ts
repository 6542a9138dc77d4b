import fc from 'fast-check';
import { expect, test } from 'vitest';
import { typedValue } from '../../src/inventory/value.ts';

test.each([
  ['true', true],
  ['False', false],
  ['TRUE', 'TRUE'],
  ['yes', 'yes'],
  ['0', 0],
  ['-12', -12],
  ['1.5', 1.5],
  ['2e3', 2000],
  ['0644', '0644'],
  ['1_000', '1_000'],
  ['0x10', '0x10'],
  ['12345678901234567890', '12345678901234567890'],
  ['10.0.0.1', '10.0.0.1'],
  ['', ''],
  ["'39'", '39'],
  ['"39"', '39'],
  ['"true"', 'true'],
  [String.raw`"a\tb \"c\""`, 'a\tb "c"'],
  [String.raw`"C:\dir"`, String.raw`C:\dir`],
  ["'a' 'b'", "'a' 'b'"],
  [`"'03#pa33w0rd'"`, '03#pa33w0rd'],
  ['[1, 2]', [1, 2]],
  ['[\'a\', "b"]', ['a', 'b']],
  ["{'a': {b: [true]}}", { a: { b: [true] } }],
  ['[]', []],
  ['[unclosed', '[unclosed'],
  ['[::1]:22', '[::1]:22'],
  ['{{ other }}', '{{ other }}'],
  ['{{ [1, 2] }}', '{{ [1, 2] }}'],
])('%s is read as %j', (raw, value) => {
  expect(typedValue(raw)).toEqual(value);
});

test('a text in quotes comes back as that text, whatever it looks like', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!/^'.*'$/s.test(text));
      expect(typedValue(JSON.stringify(text))).toBe(text);
    }),
  );
});

test('a safe integer and a short decimal come back as that number', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (number) => {
      expect(typedValue(String(number))).toBe(Number(String(number)));
    }),
  );
  fc.assert(
    fc.property(fc.integer({ min: -99999, max: 99999 }), (hundredths) => {
      const text = (hundredths / 100).toFixed(2);
      expect(typedValue(text)).toBe(Number(text));
    }),
  );
});

test('a list of numbers and plain words comes back as that list', () => {
  const item = fc.oneof(fc.integer({ min: -1000, max: 1000 }), fc.stringMatching(/^[b-e]{1,6}$/));
  fc.assert(
    fc.property(fc.array(item), (items) => {
      expect(typedValue(`[${items.join(', ')}]`)).toEqual(items);
    }),
  );
});
