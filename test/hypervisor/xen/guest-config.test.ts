import { expect, test } from 'vitest';
import { renderGuestConfig } from '../../../src/hypervisor/xen/guest-config.ts';

const guest = {
  name: 'g1',
  uuid: '4f1c6d3e-8a64-5b0e-9d5e-0c7f5c2a9e11',
  memoryMib: 512,
  vcpus: 2,
  cap: 50,
  mac: '00:16:3e:77:00:01',
  bridge: 'br0',
  disk: '/dev/disk/by-path/ip-10.0.0.10:3260-iscsi-iqn.2026-11.lab.bench:guests-lun-1',
  kernel: '/var/lib/bench/vmlinuz',
  ramdisk: '/var/lib/bench/guest.cpio.gz',
  commandLine: ['console=hvc0', 'bench.name=g1'],
  options: {},
};

test('a guest becomes an xl.cfg with fixed memory', () => {
  expect(renderGuestConfig(guest)).toMatchInlineSnapshot(`
    "# Written by bench: a change made here is undone by the next run.
    name = "g1"
    uuid = "4f1c6d3e-8a64-5b0e-9d5e-0c7f5c2a9e11"
    type = "pvh"
    kernel = "/var/lib/bench/vmlinuz"
    ramdisk = "/var/lib/bench/guest.cpio.gz"
    cmdline = "console=hvc0 bench.name=g1"
    memory = 512
    maxmem = 512
    vcpus = 2
    cap = 50
    vif = [ "mac=00:16:3e:77:00:01,bridge=br0" ]
    disk = [ "phy:/dev/disk/by-path/ip-10.0.0.10:3260-iscsi-iqn.2026-11.lab.bench:guests-lun-1,xvda,w" ]
    on_poweroff = "destroy"
    on_reboot = "restart"
    on_crash = "preserve"
    "
  `);
});

test('no cap writes no line, further options follow, a quote picks the other quotes', () => {
  const text = renderGuestConfig({
    ...guest,
    cap: 0,
    options: { cpus: ['0', '1'], tsc_mode: 'native', note: 'a "b"', weight: 5 },
  });
  expect(text).not.toContain('cap =');
  expect(text).toContain('cpus = [ "0", "1" ]\ntsc_mode = "native"\nnote = \'a "b"\'\nweight = 5\n');
});
