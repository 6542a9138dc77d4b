import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseInventory } from '../../src/inventory/parse-inventory.ts';
import { selectHosts } from '../../src/inventory/pattern.ts';

const { inventory } = parseInventory(
  '[xen_hosts]\nxen[1:4]\n[kvm_hosts]\nkvm1\n[hypervisors:children]\nxen_hosts\nkvm_hosts\n[iscsi_target]\nstor1\n[observer]\nstor1\n[empty]\n[v6]\n2001:db8::1\n',
  'lab.ini',
);

function hosts(pattern: string): string {
  const { hosts: chosen, diagnostics } = selectHosts(inventory, pattern);
  expect(diagnostics).toEqual([]);
  return chosen.join(' ');
}

test.each([
  ['all', 'xen1 xen2 xen3 xen4 kvm1 stor1 2001:db8::1'],
  ['*', 'xen1 xen2 xen3 xen4 kvm1 stor1 2001:db8::1'],
  ['stor1,xen2', 'xen2 stor1'],
  ['kvm_hosts:iscsi_target', 'kvm1 stor1'],
  ['hypervisors:!xen2', 'xen1 xen3 xen4 kvm1'],
  ['!xen2:hypervisors', 'xen1 xen3 xen4 kvm1'],
  ['all:&hypervisors:!kvm_hosts', 'xen1 xen2 xen3 xen4'],
  ['&xen_hosts', 'xen1 xen2 xen3 xen4'],
  ['!hypervisors', 'stor1 2001:db8::1'],
  ['xen?', 'xen1 xen2 xen3 xen4'],
  ['xen[12]*', 'xen1 xen2'],
  ['*_hosts', 'xen1 xen2 xen3 xen4 kvm1'],
  ['~(xen|kvm)[1:2]$', 'xen1 xen2 kvm1'],
  ['~xen\\d:!xen3', 'xen1 xen2 xen4'],
  ['xen_hosts[0]', 'xen1'],
  ['xen_hosts[-1]', 'xen4'],
  ['xen_hosts[1:2]', 'xen2 xen3'],
  ['xen_hosts[2:]', 'xen3 xen4'],
  ['xen_hosts[1-2]', 'xen2 xen3'],
  ['hypervisors[4]', 'kvm1'],
  ['empty', ''],
  ['2001:db8::1', '2001:db8::1'],
  [' xen1 , stor1 ', 'xen1 stor1'],
  ['all:!nothing*', 'xen1 xen2 xen3 xen4 kvm1 stor1 2001:db8::1'],
])('%s means %s', (pattern, expected) => {
  expect(hosts(pattern)).toBe(expected);
});

test.each([
  ['xen_host', 'there is no host and no group "xen_host"', 'did you mean "xen_hosts"?'],
  [
    'all:!storage',
    'there is no host and no group "storage"',
    'groups: all, xen_hosts, kvm_hosts, hypervisors, iscsi_target, observer, empty, v6',
  ],
  ['y*', 'no host and no group matches "y*"', undefined],
  ['~(', '"(" is no regular expression', undefined],
  ['xen_hosts[9]', 'xen_hosts[9]: the group has 4 hosts, counted from 0', undefined],
  ['', 'the pattern names no host', 'write all, a group or a host'],
  ['@list', 'cannot read the list of hosts "list"', undefined],
])('%s is refused: %s', (pattern, message, hint) => {
  const at = { file: 'site.yml', line: 2, column: 10 };
  const { diagnostics } = selectHosts(inventory, pattern, at);
  expect(diagnostics).toEqual([{ code: expect.stringContaining('E_PATTERN'), at, message, ...(hint && { hint }) }]);
});

test('a list of hosts in a file has one pattern a line, with comments', () => {
  const { hosts: chosen } = selectHosts(inventory, '@retry:!xen2', undefined, (file) =>
    file === 'retry' ? '# failed\nxen2\nstor1 # the target\n\nkvm_hosts\n' : undefined,
  );
  expect(chosen).toEqual(['kvm1', 'stor1']);
});

test('joining, keeping and taking away obey the rules of sets, in the order of the inventory', () => {
  const name = fc.constantFrom('xen1', 'xen2', 'stor1', 'xen_hosts', 'hypervisors', 'all', 'empty');
  fc.assert(
    fc.property(name, name, (a, b) => {
      const of = (pattern: string) => new Set(selectHosts(inventory, pattern).hosts);
      expect(of(`${a}:${b}`)).toEqual(of(`${b},${a}`));
      expect(of(`${a}:&${b}`)).toEqual(of(a).intersection(of(b)));
      expect(of(`${a}:!${b}`)).toEqual(of(a).difference(of(b)));
    }),
  );
});
