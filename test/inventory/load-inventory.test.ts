import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toHostName } from '../../src/contract/host.ts';
import { explainHost, renderExplanation } from '../../src/inventory/explain.ts';
import { loadInventory } from '../../src/inventory/load-inventory.ts';
import { nodeFiles } from '../../src/inventory/node-files.ts';
import { hostVariables } from '../../src/inventory/render.ts';
import { memoryFiles } from './memory-files.ts';

const lab = {
  'lab/lab.ini':
    '[xen_hosts]\nxen1 a=line b=line\n[xen_hosts:vars]\nc=section\nd=section\n[all:vars]\ne=section\nf=section\n',
  'lab/group_vars/all.yml': 'd: all-file\nf: all-file\n',
  'lab/group_vars/xen_hosts/10-first.yml': 'c: first\ng: first\n',
  'lab/group_vars/xen_hosts/20-second.yaml': 'g: second\nb: second\n',
  'lab/group_vars/xen_hosts/notes.txt': 'not: read',
  'lab/group_vars/xen_hosts/.hidden.yml': 'not: read',
  'lab/host_vars/xen1.yml': 'a: host-file\nlist:\n  - 1\n',
};

test('later places win: section, group_vars of all, of groups, host line, host_vars', () => {
  const { inventory, diagnostics, warnings } = loadInventory('lab/lab.ini', memoryFiles(lab));
  expect({ diagnostics, warnings }).toEqual({ diagnostics: [], warnings: [] });
  expect(hostVariables(inventory, toHostName('xen1'))).toEqual({
    a: 'host-file',
    b: 'line',
    c: 'first',
    // group_vars/all wins over the section of a child group, as in Ansible.
    d: 'all-file',
    e: 'section',
    f: 'all-file',
    g: 'second',
    list: [1],
  });
});

test('each variable knows where it was read and what it won over', () => {
  const { inventory } = loadInventory('lab/lab.ini', memoryFiles(lab));
  const b = explainHost(inventory, toHostName('xen1')).find(({ name }) => name === 'b');
  expect(b).toMatchObject({ value: 'line', owner: 'host xen1', at: { file: 'lab/lab.ini', line: 2, column: 13 } });
  expect(b?.overridden).toMatchObject([{ value: 'second', owner: 'group xen_hosts' }]);
  expect(renderExplanation(inventory, toHostName('xen1'))).toMatchInlineSnapshot(`
    "xen1  in all < xen_hosts
      a = "host-file"
          from lab/host_vars/xen1.yml:1:1  (host xen1)
          over lab/lab.ini:2:6  (host xen1): "line"
      b = "line"
          from lab/lab.ini:2:13  (host xen1)
          over lab/group_vars/xen_hosts/20-second.yaml:2:1  (group xen_hosts): "second"
      c = "first"
          from lab/group_vars/xen_hosts/10-first.yml:1:1  (group xen_hosts)
          over lab/lab.ini:4:1  (group xen_hosts): "section"
      d = "all-file"
          from lab/group_vars/all.yml:1:1  (group all)
          over lab/lab.ini:5:1  (group xen_hosts): "section"
      e = "section"
          from lab/lab.ini:7:1  (group all)
      f = "all-file"
          from lab/group_vars/all.yml:2:1  (group all)
          over lab/lab.ini:8:1  (group all): "section"
      g = "second"
          from lab/group_vars/xen_hosts/20-second.yaml:1:1  (group xen_hosts)
      list = [1]
          from lab/host_vars/xen1.yml:2:1  (host xen1)
    "
  `);
});

test('an explanation does not show values that are named like secrets', () => {
  const files = memoryFiles({ 'lab.ini': 'h ansible_become_password=hunter2\n' });
  const { inventory } = loadInventory('lab.ini', files);
  expect(renderExplanation(inventory, toHostName('h'))).not.toContain('hunter2');
});

test('files without an extension and in JSON are read', () => {
  const files = memoryFiles({ 'lab.ini': '[g]\nh\n', 'group_vars/g': 'a: 1\n', 'host_vars/h.json': '{"b": [2]}' });
  expect(hostVariables(loadInventory('lab.ini', files).inventory, toHostName('h'))).toEqual({ a: 1, b: [2] });
});

test('mistakes in all files are told together', () => {
  const files = memoryFiles({
    'lab.ini': '[g]\nh\nh x\n',
    'group_vars/g.yml': 'a: 1\na: 2\nb-c: 3\n',
    'group_vars/all.yml': '- a list\n',
    'host_vars/h.yml': '$ANSIBLE_VAULT;1.1;AES256\n3132\n',
  });
  const { diagnostics } = loadInventory('lab.ini', files);
  expect(diagnostics.map(({ at, code }) => `${at?.file}:${at?.line} ${code}`)).toEqual([
    'group_vars/all.yml:1 E_INVENTORY_VARIABLES',
    'group_vars/g.yml:2 E_YAML_DUPLICATE_KEY',
    'group_vars/g.yml:3 E_INVENTORY_VARIABLE_NAME',
    'host_vars/h.yml:1 E_INVENTORY_VAULT',
    'lab.ini:3 E_INVENTORY_HOST_LINE',
  ]);
});

test('a file for nobody and a file in the shadow of another one are warnings', () => {
  const files = memoryFiles({
    'lab.ini': '[xen_hosts]\nh\n',
    'group_vars/xen_host.yml': 'a: 1\n',
    'group_vars/xen_hosts/one.yml': 'a: 1\n',
    'group_vars/xen_hosts.yml': 'a: 2\n',
    'host_vars/h.yml~': 'a: 3\n',
  });
  const { inventory, warnings } = loadInventory('lab.ini', files);
  expect(warnings.map(({ at, code, hint }) => `${at?.file} ${code} ${hint}`)).toMatchInlineSnapshot(`
    [
      "group_vars/xen_host.yml W_INVENTORY_STRAY_FILE did you mean "xen_hosts"?",
      "group_vars/xen_hosts.yml W_INVENTORY_SHADOWED_FILE join the two, or move both into group_vars/xen_hosts/",
    ]
  `);
  expect(hostVariables(inventory, toHostName('h'))).toEqual({ a: 1 });
});

test.each([
  ['nowhere.ini', 'cannot read nowhere.ini: there is no such file [E_INVENTORY_FILE]'],
  ['dir', 'cannot read dir: it is a directory; name a file in it [E_INVENTORY_FILE]'],
  ['zero.ini', 'this is a binary file: it holds a zero byte [E_INVENTORY_BINARY]'],
  ['latin.ini', 'these bytes are no UTF-8 text [E_INVENTORY_BINARY]'],
  ['large.ini', 'large.ini is larger than 8 MiB [E_INVENTORY_TOO_LARGE]'],
])('%s cannot be used: %s', (file, expected) => {
  const files = memoryFiles({
    'dir/lab.ini': 'h\n',
    'zero.ini': 'h\n\0',
    'latin.ini': new Uint8Array([0x68, 0x0a, 0x23, 0xe4, 0x0a]),
    'large.ini': new Uint8Array(8 * 1024 * 1024 + 1).fill(0x23),
  });
  const { diagnostics } = loadInventory(file, files);
  expect(diagnostics.map(({ message, code }) => `${message} [${code}]`)).toEqual([expected]);
});

test('a byte order mark and a real replacement character are text', () => {
  const files = memoryFiles({ 'lab.ini': new TextEncoder().encode('\uFEFFh note="\uFFFD"\n') });
  const { inventory, diagnostics } = loadInventory('lab.ini', files);
  expect(diagnostics).toEqual([]);
  expect([...inventory.hosts.keys()]).toEqual(['h']);
});

test('the file system gives ENOENT and EISDIR for what is no file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'bench-inventory-'));
  try {
    expect(loadInventory(join(directory, 'x.ini'), nodeFiles).diagnostics[0]?.message).toContain(
      'there is no such file',
    );
    expect(loadInventory(directory, nodeFiles).diagnostics[0]?.message).toContain('it is a directory');
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a device that never ends is given up at the bound', () => {
  expect(nodeFiles.readFile('/dev/zero', 100_000).length).toBeLessThan(300_000);
});
