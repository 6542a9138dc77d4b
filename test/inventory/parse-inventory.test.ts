import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toHostName } from '../../src/contract/host.ts';
import { formatDiagnostic } from '../../src/core/diagnostic.ts';
import type { InventoryResult } from '../../src/inventory/build-inventory.ts';
import { parseInventory } from '../../src/inventory/parse-inventory.ts';
import { hostVariables } from '../../src/inventory/render.ts';

function parsed(text: string): InventoryResult {
  const result = parseInventory(text, 'lab.ini');
  expect(result.diagnostics).toEqual([]);
  return result;
}

function variables(text: string, host: string): Record<string, unknown> {
  return hostVariables(parsed(text).inventory, toHostName(host));
}

function problems(text: string): string {
  const { diagnostics } = parseInventory(text, 'lab.ini');
  return diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, () => text)).join('\n');
}

function warnings(text: string): string[] {
  return parsed(text).warnings.map(({ code, at, message }) => `${at?.line}:${at?.column} ${message} [${code}]`);
}

test('hosts, groups, children, variables, ranges, ports and comments are read as Ansible reads them', () => {
  const text = [
    '# a lab',
    '; the same',
    'lone',
    '  [xen_hosts]  # the two machines',
    'xen[1:2] ansible_user=root # in one rack',
    '[iscsi_target]',
    'stor1:2222 note="two words" path=/a\\ b',
    '[hypervisors:children]',
    'xen_hosts # only they',
    '[hypervisors:vars]',
    'bridge = br0',
    'mtu=1500 # bytes',
    '[all:vars]',
    'mtu=9000',
  ].join('\r\n');
  const { inventory } = parsed(text);
  expect([...inventory.hosts.keys()]).toEqual(['lone', 'xen1', 'xen2', 'stor1']);
  expect(inventory.hosts.get(toHostName('xen1'))?.groups).toEqual(['hypervisors', 'xen_hosts']);
  expect(inventory.groups.get('ungrouped')?.hosts).toEqual(['lone']);
  expect(inventory.groups.get('all')?.children).toEqual(['ungrouped', 'iscsi_target', 'hypervisors']);
  expect(variables(text, 'xen1')).toEqual({ ansible_user: 'root', bridge: 'br0', mtu: 1500 });
  expect(variables(text, 'stor1')).toEqual({ ansible_port: 2222, mtu: 9000, note: 'two words', path: '/a b' });
});

test('a host line and a :vars section give the same value for the same text', () => {
  for (const value of ['39', "'39'", 'true', '1.10', '[1, "a b"]', '{a: 1}', '"x # y"', 'word']) {
    const onLine = variables(`h v=${value}\n`, 'h');
    const inSection = variables(`[g]\nh\n[g:vars]\nv = ${value}\n`, 'h');
    expect(onLine).toEqual(inSection);
  }
});

test('a variable of a child group wins over its parent, of a host over its groups', () => {
  const text =
    '[top:children]\nlow\n[low]\nh b=host\n[top:vars]\na=top\nb=top\nc=top\n[low:vars]\nb=low\na=low\n[all:vars]\na=all\nc=all\nd=all\n';
  expect(variables(text, 'h')).toEqual({ a: 'low', b: 'host', c: 'top', d: 'all' });
});

test('between groups of one depth the priority decides, then the name', () => {
  const groups = '[b]\nh\n[a]\nh\n[a:vars]\nv=a\n[b:vars]\nv=b\n';
  expect(variables(groups, 'h')).toEqual({ v: 'b' });
  expect(variables(`${groups}[a:vars]\nansible_group_priority=10\n`, 'h')).toEqual({ v: 'a' });
});

test('a group may be named as a child before its section comes', () => {
  const { inventory } = parsed('[all_xen:children]\nxen\n[xen]\nh\n');
  expect(inventory.hosts.get(toHostName('h'))?.groups).toEqual(['all_xen', 'xen']);
});

test('a host that stands alone and again in a group is not ungrouped', () => {
  const { inventory } = parsed('h\n[g]\nh\n');
  expect(inventory.groups.get('ungrouped')?.hosts).toEqual([]);
  expect(inventory.hosts.get(toHostName('h'))?.groups).toEqual(['g']);
});

test('every mistake of a file is told at once, with its place', () => {
  const text = [
    '[xen_hosts]',
    'xen1 a=1',
    'xen1 a=2',
    'xen2 b',
    'xen3 c = 1',
    'xen4 d="open',
    'xen5 2e=1',
    'xen[1:9999999]',
    'xen[1:',
    'xen6:0',
    '[xen_hosts:childs]',
    '[xen hosts]',
    '[open',
    '[xen_host:vars]',
    'novalue',
    '[a:children]',
    'b',
    'c d',
    '[b:children]',
    'a',
    'all',
    'nowhere',
  ].join('\n');
  expect(problems(text)).toMatchInlineSnapshot(`
    "lab.ini:3:6: xen1 has another value for a in line 2 [E_INVENTORY_CONTRADICTION]
        3 | xen1 a=2
          |      ^^^
      hint: remove one of the two: 1 or 2
    lab.ini:4:6: expected key=value, got "b" [E_INVENTORY_HOST_LINE]
        4 | xen2 b
          |      ^
      hint: put a value with blanks in quotes; write one host a line
    lab.ini:5:8: a blank stands before this =; on a host line it parts words [E_INVENTORY_HOST_LINE]
        5 | xen3 c = 1
          |        ^
      hint: write key=value without blanks
    lab.ini:6:8: this " is never closed [E_INVENTORY_QUOTE]
        6 | xen4 d="open
          |        ^^^^^
      hint: write a second ", or a backslash before the one that belongs to the value
    lab.ini:7:6: "2e" is no variable name [E_INVENTORY_VARIABLE_NAME]
        7 | xen5 2e=1
          |      ^^
      hint: letters, digits and _ make a name: _2e
    lab.ini:8:1: xen[1:9999999] stands for 9999999 hosts; an inventory may have 99996 more [E_INVENTORY_TOO_MANY_HOSTS]
        8 | xen[1:9999999]
          | ^^^^^^^^^^^^^^
    lab.ini:9:4: "[" has no counterpart [E_INVENTORY_RANGE]
        9 | xen[1:
          |    ^
    lab.ini:10:1: port 0 is not between 1 and 65535 [E_INVENTORY_PORT]
       10 | xen6:0
          | ^^^^^^
    lab.ini:11:12: unknown section suffix "childs" [E_INVENTORY_SECTION]
       11 | [xen_hosts:childs]
          |            ^^^^^^
      hint: known: children, vars
    lab.ini:12:1: a section heading holds no blanks [E_INVENTORY_SECTION]
       12 | [xen hosts]
          | ^^^^^^^^^^^
      hint: write [group], [group:vars] or [group:children]
    lab.ini:13:1: this section heading is not closed [E_INVENTORY_SECTION]
       13 | [open
          | ^^^^^
      hint: write [group], [group:vars] or [group:children]
    lab.ini:14:2: there is no group "xen_host": no section [xen_host] or [xen_host:children] makes it [E_INVENTORY_UNKNOWN_GROUP]
       14 | [xen_host:vars]
          |  ^^^^^^^^
      hint: did you mean "xen_hosts"?
    lab.ini:15:1: expected key=value, got "novalue" [E_INVENTORY_VARIABLE_LINE]
       15 | novalue
          | ^^^^^^^
      hint: a host or a group stands in a section of its own: [xen_host] or [xen_host:children]
    lab.ini:18:1: expected the name of one group, got "c d" [E_INVENTORY_CHILD]
       18 | c d
          | ^^^
      hint: write one group a line
    lab.ini:20:1: these groups contain each other: a > b > a [E_INVENTORY_CYCLE]
       20 | a
          | ^
      hint: take a out of [b:children]
    lab.ini:21:1: all holds every group and is no child of one [E_INVENTORY_CYCLE]
       21 | all
          | ^^^
      hint: remove this line
    lab.ini:22:1: there is no group "nowhere": no section [nowhere] or [nowhere:children] makes it [E_INVENTORY_UNKNOWN_GROUP]
       22 | nowhere
          | ^^^^^^^
      hint: known: a, all, b, ungrouped, xen_hosts"
  `);
});

test('a cycle of groups is spelled out, and every separate one is told', () => {
  const text = '[x]\nh\n[a:children]\nb\n[b:children]\nc\n[c:children]\na\n[d:children]\nd\n';
  expect(problems(text)).toMatchInlineSnapshot(`
    "lab.ini:8:1: these groups contain each other: a > b > c > a [E_INVENTORY_CYCLE]
        8 | a
          | ^
      hint: take a out of [c:children]
    lab.ini:10:1: these groups contain each other: d > d [E_INVENTORY_CYCLE]
       10 | d
          | ^
      hint: take d out of [d:children]"
  `);
});

test('an empty file, and one with comments only, name no host', () => {
  expect(problems('')).toContain('E_INVENTORY_EMPTY');
  expect(problems('# nothing\n[g]\n')).toContain('E_INVENTORY_EMPTY');
});

test('the bound on hosts counts all lines together', () => {
  expect(problems('a[1:60000]\nb[1:60000]\n')).toContain('lab.ini:2:1: b[1:60000] stands for 60000 hosts');
});

test('a contradiction of passwords does not show them', () => {
  expect(problems('h ansible_password=alpha1\nh ansible_password=beta22\n').split('\n').at(-1)).toBe(
    '  hint: remove one of the two',
  );
});

test('what is legal and most likely not meant is a warning', () => {
  const text = [
    'lone',
    '[g]',
    'h1 ansible_host=192.0.2.1 list="[1]"',
    'h2 ansible_host=192.0.2.1 word=a#b',
    'g',
    '[empty]',
    '[g:vars]',
    'user=root # the admin',
  ].join('\n');
  expect(warnings(text)).toMatchInlineSnapshot(`
    [
      "1:1 host lone is in no group [W_INVENTORY_LOOSE_HOST]",
      "3:27 this is a text, because it stands in quotes [W_INVENTORY_QUOTED_LIST]",
      "4:4 h2 and h1 are reached at the same place: 192.0.2.1 port 22 [W_INVENTORY_SAME_ADDRESS]",
      "4:33 what stands behind # is a comment, although no blank stands before it [W_INVENTORY_COMMENT]",
      "5:1 g is the name of a host and of a group (line 2); patterns mean the group [W_INVENTORY_SAME_NAME]",
      "6:2 group empty holds no host, nor do its children [W_INVENTORY_EMPTY_GROUP]",
      "8:10 this is a part of the value: in a :vars section no comment follows a text [W_INVENTORY_COMMENT]",
    ]
  `);
});

test('a text without warnings has none', () => {
  expect(warnings('[g]\nh1 ansible_host=192.0.2.1\nh2 ansible_host=192.0.2.1 ansible_port=23\n')).toEqual([]);
});

test('a hundred thousand hosts and a deep chain of groups are read without trouble', () => {
  const chain = Array.from({ length: 3000 }, (_, index) => `[g${index}:children]\ng${index + 1}\n`).join('');
  const { inventory } = parsed(`${chain}[g3000]\nh[1:99999]\n`);
  expect(inventory.hosts.size).toBe(99_999);
  expect(inventory.groups.get('g3000')?.depth).toBe(3001);
});

test('no text makes it throw, and every problem has a place inside the file', () => {
  const word = fc.constantFrom(
    '[g]',
    '[g:vars]',
    '[g:children]',
    'h',
    'a=1',
    '=',
    '"',
    "'",
    '[1:3]',
    '#',
    '{',
    ':',
    '\n',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 25 }), (words) => {
      const text = words.join('');
      for (const { at } of parseInventory(text, 'lab.ini').diagnostics) {
        expect(at?.line).toBeLessThanOrEqual(text.split('\n').length);
      }
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['---\nall:\n  hosts:\n', 'this is YAML'],
  ['# lab\nall:\n  hosts:\n    xen1:\n', 'this is YAML'],
  ['{"all": {}}', 'this is JSON'],
  ['#!/usr/bin/python3\nprint()\n', 'this is a program'],
])('an inventory of another form is told once: %j', (text, message) => {
  const { diagnostics } = parseInventory(text, 'lab.yml');
  expect(diagnostics).toHaveLength(1);
  expect(diagnostics[0]?.message).toContain(message);
});

test('a semicolon behind a host is no comment, and is told once', () => {
  const text = 'xen1 a=1 ; the first one\n';
  expect(problems(text)).toContain('hint: behind a host only # begins a comment');
  expect(parseInventory(text, 'lab.ini').diagnostics).toHaveLength(1);
});
