import { expect, test } from 'vitest';
import { parseGuestDetails } from '../../../src/hypervisor/xen/guest-details.ts';
import { captureOf } from './captured.ts';

const { stdout } = captureOf('xen-create.txt', 'list -l of the guest');

test('a guest tells of what it was made, with the outer id', () => {
  const { commandLine, ...guest } = parseGuestDetails(stdout);
  expect(guest).toEqual({
    id: 1,
    name: 'g1',
    type: 'pvh',
    uuid: 'e8ae1988-e055-4cf5-b38a-17fbbfc41ecd',
    memoryMib: 128,
    vcpus: 1,
    scheduler: 'credit2',
    cap: 0,
    disks: ['/dev/disk/by-path/ip-10.77.0.12:3261-iscsi-iqn.2024-01.lab.bench:disk2-lun-1'],
    interfaces: [{ mac: '00:16:3e:77:00:50', bridge: 'br0' }],
  });
  expect(commandLine.get('gip')).toBe('10.77.0.50/24');
});

test('Domain-0, which has neither disks nor interfaces, is read too', () => {
  expect(parseGuestDetails(captureOf('xen-host.txt', 'xl list -l Domain-0').stdout)).toMatchObject({
    id: 0,
    disks: [],
    interfaces: [],
  });
});

test('what is no guest is refused', () => {
  expect(() => parseGuestDetails(stdout.slice(0, 200))).toThrow('did not write JSON');
  expect(() => parseGuestDetails('[]')).toThrow('JSON of one guest');
  expect(() => parseGuestDetails('[{"domid": "1"}]')).toThrow('JSON of one guest');
});
