import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expandHosts } from '../../src/inventory/host-range.ts';

function names(word: string): readonly string[] | string {
  const hosts = expandHosts(word, 1000);
  return hosts.kind === 'names' ? hosts.names : hosts.fault.message;
}

test.each([
  ['node[1:3]', ['node1', 'node2', 'node3']],
  ['node[01:16:5]', ['node01', 'node06', 'node11', 'node16']],
  ['node[:2]', ['node0', 'node1', 'node2']],
  ['[a:c].example.com', ['a.example.com', 'b.example.com', 'c.example.com']],
  ['n[8:10]', ['n8', 'n9', 'n10']],
  ['r[1:2]-[a:b]', ['r1-a', 'r1-b', 'r2-a', 'r2-b']],
  ['n[x:c]', 'the begin lies behind the end'],
])('%s stands for %j', (word, expected) => {
  const got = names(word);
  if (typeof expected === 'string') expect(got).toContain(expected);
  else expect(got).toEqual(expected);
});

test.each([
  ['n[3:1]', 'the begin lies behind the end'],
  ['n[1]', 'expected begin:end or begin:end:step'],
  ['n[1:2:3:4]', 'expected begin:end or begin:end:step'],
  ['n[1:]', 'the end is missing'],
  ['n[01:2]', '"01" and "2" differ in length'],
  ['n[1:9:0]', 'step "0" is no positive number'],
  ['n[1:b]', 'neither numbers nor single letters'],
  ['n[1:2', '"[" has no counterpart'],
  ['n1:2]', '"]" has no counterpart'],
  ['n[1:1000000000]', 'stands for 1000000000 hosts'],
  ['n[1:999999999999999][1:999999999999999]', 'hosts; an inventory may have 1000 more'],
  ['host!', 'is no host name'],
  ['host:', 'is no host name'],
  ['host:0', 'not between 1 and 65535'],
])('%s is refused: %s', (word, message) => {
  expect(names(word)).toContain(message);
});

test('a port is split off names, ranges and bracketed IPv6 addresses', () => {
  expect(expandHosts('xen[1:2]:2222', 9)).toEqual({ kind: 'names', names: ['xen1', 'xen2'], port: 2222 });
  expect(expandHosts('[2001:db8::1]:22', 9)).toEqual({ kind: 'names', names: ['2001:db8::1'], port: 22 });
  expect(expandHosts('2001:db8::1', 9)).toEqual({ kind: 'names', names: ['2001:db8::1'], port: undefined });
});

test('a range names exactly the numbers from begin to end by its step, all of the same width', () => {
  const range = fc.record({
    first: fc.nat(500),
    count: fc.integer({ min: 1, max: 40 }),
    step: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(
    fc.property(range, ({ first, count, step }) => {
      const numbers = Array.from({ length: count }, (_, index) => first + index * step);
      const width = 5;
      const padded = (number: number) => `0${String(number).padStart(width - 1, '0')}`;
      const expected = numbers.map((number) => `n${padded(number)}.lab`);
      expect(names(`n[${padded(first)}:${padded(numbers.at(-1) ?? 0)}:${step}].lab`)).toEqual(expected);
      expect(names(`n[${first}:${numbers.at(-1)}:${step}]`)).toEqual(numbers.map((number) => `n${number}`));
    }),
  );
});
