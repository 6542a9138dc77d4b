import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { renderKnownHosts, renderMockInventory } from '../../src/lab/mock-inventory.ts';
import { planMockLab } from '../../src/lab/mock-plan.ts';

const room = { inotifyLimit: 128, fullHosts: 0 };
const filesAt = '../.bench/labs/mock/';

it('the inventory for another size has its hosts, the lab variables, and paths of its own folder', () => {
  const template = [
    '# a lab',
    '[xen_hosts]',
    '# the hosts',
    'xen1 ansible_port=1 lab_address=10.0.0.1',
    '',
    '[iscsi_target]',
    'stor1 ansible_port=2',
    '[observer:children]',
    'iscsi_target',
    '',
    '[all:vars]',
    'ansible_ssh_private_key_file=../.bench/labs/mock/id_ed25519',
    'memory_mib=512',
    '',
  ].join('\n');
  expect(renderMockInventory(template, planMockLab(3, room).hosts, filesAt)).toMatchInlineSnapshot(`
    "# a lab
    [xen_hosts]
    xen1 ansible_port=22101 lab_address=10.213.77.11
    xen2 ansible_port=22102 lab_address=10.213.77.12
    xen3 ansible_port=22103 lab_address=10.213.77.13
    # the hosts

    [iscsi_target]
    stor1 ansible_port=22100 lab_address=10.213.77.10
    [observer:children]
    iscsi_target

    [all:vars]
    ansible_ssh_private_key_file=id_ed25519
    memory_mib=512
    "
  `);
});

it('the inventory that bench ships describes the lab of the default size', async () => {
  const shipped = await readFile(new URL('../../inventory/mock.ini', import.meta.url), 'utf8');
  expect(renderMockInventory(shipped, planMockLab(2, room).hosts, filesAt)).toBe(shipped.replaceAll(filesAt, ''));
  expect(shipped).toContain(`${filesAt}id_ed25519`);
  expect(shipped).toContain(`${filesAt}known_hosts`);
});

it('a known host is the port of this machine with the key that sshd offers, without its comment', () => {
  const publicKey = 'ssh-ed25519 AAAAC3Nza root@xen1\n';
  expect(renderKnownHosts([{ sshPort: 22101, publicKey }])).toBe('[127.0.0.1]:22101 ssh-ed25519 AAAAC3Nza\n');
});
