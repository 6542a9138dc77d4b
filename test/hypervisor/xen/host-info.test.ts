import { expect, test } from 'vitest';
import { parseHostInfo } from '../../../src/hypervisor/xen/host-info.ts';
import { captureOf } from './captured.ts';

const { stdout } = captureOf('xen-host.txt', 'xl info');

test('xl info is read', () => {
  expect(parseHostInfo(stdout)).toEqual({
    version: '4.17.7',
    scheduler: 'credit2',
    commandLine:
      'placeholder console=com1 com1=115200 dom0_mem=512M,max:512M dom0_max_vcpus=1 loglvl=all guest_loglvl=all',
    virtCaps: ['pv', 'hvm', 'hap', 'gnttab-v1', 'gnttab-v2'],
    totalMemoryMib: 899,
    freeMemoryMib: 375,
    cpus: 1,
  });
});

test('its tables of nodes do not disturb', () => {
  expect(parseHostInfo(captureOf('xen-host.txt', 'xl info -n').stdout).freeMemoryMib).toBe(375);
});

test('a line that is missing or no number is named', () => {
  expect(() => parseHostInfo(stdout.replace(/^virt_caps.*\n/m, ''))).toThrow('no line "virt_caps"');
  expect(() => parseHostInfo(stdout.replace(/^(free_memory +: ).*$/m, '$1much'))).toThrow(
    'free_memory is no number: "much"',
  );
  expect(() => parseHostInfo('')).toThrow('no line "xen_version"');
});
