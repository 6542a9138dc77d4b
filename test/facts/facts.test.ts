import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { factsReader, readFacts } from '../../src/facts/facts.ts';
import { FACTS_SCRIPT } from '../../src/facts/script.ts';

const fixture = (name: string) => readFileSync(`test/facts/fixtures/${name}.txt`, 'utf8');
const debian = fixture('debian');

describe('readFacts', () => {
  test('reads a Debian guest with a bridge', () => {
    const { interfaces, cpu, ...facts } = readFacts(debian);
    expect(facts).toEqual({
      hostname: 'stor1',
      os: { id: 'debian', version: '12', name: 'Debian GNU/Linux 12 (bookworm)', family: 'debian' },
      kernel: '6.1.0-28-amd64',
      architecture: 'x86_64',
      virtualization: { role: 'guest', kind: 'qemu' },
      memory_mib: 1966,
      default_ipv4: { interface: 'br0', address: '192.0.2.10', gateway: '192.0.2.1' },
      block_devices: [
        { name: 'sr0', size_bytes: 1_073_741_312, read_only: true },
        { name: 'vda', size_bytes: 21_474_836_480, read_only: false },
      ],
      init: 'systemd',
      selinux: 'disabled',
      boot_id: '5e1f7c1e-9d57-4a55-8e8b-2f7a4e6f7d11',
      package_manager: 'apt',
      uptime_s: 93.51,
    });
    expect(cpu).toMatchObject({ model: 'QEMU Virtual CPU version 2.5+', count: 2 });
    expect(cpu.flags).toContain('lahf_lm');
    expect(interfaces).toEqual([
      {
        name: 'br0',
        mac: '52:54:00:aa:bb:01',
        mtu: 1500,
        up: true,
        addresses: ['192.0.2.10/24', 'fe80::5054:ff:feaa:bb01/64'],
      },
      { name: 'ens3', mac: '52:54:00:aa:bb:01', mtu: 1500, up: true, addresses: [], bridge: 'br0' },
      { name: 'ens4', mac: '52:54:00:aa:bb:02', mtu: 1500, up: false, addresses: [] },
      { name: 'lo', mac: '00:00:00:00:00:00', mtu: 65536, up: true, addresses: ['127.0.0.1/8', '::1/128'] },
    ]);
  });

  test('reads a Fedora dom0 without ip(8) and without a default route', () => {
    expect(readFacts(fixture('fedora-dom0'))).toMatchObject({
      os: { id: 'fedora', version: '42', family: 'fedora' },
      virtualization: { role: 'host', kind: 'xen' },
      cpu: { count: 8 },
      interfaces: [{ name: 'enp1s0', bridge: 'br0', addresses: [] }, { name: 'lo' }],
      default_ipv4: null,
      selinux: 'enforcing',
      package_manager: 'dnf',
      uptime_s: 86_400,
    });
  });

  test('reads a container that looks like Fedora', () => {
    expect(readFacts(fixture('container'))).toMatchObject({
      hostname: 'xen1',
      os: { id: 'fedora', family: 'fedora' },
      virtualization: { role: 'container', kind: 'docker' },
      default_ipv4: { interface: 'eth0', gateway: '172.17.0.1' },
      package_manager: 'dnf',
    });
  });

  test('takes a container in which xl info works for a dom0', () => {
    expect(readFacts(fixture('container').replace('xl=no', 'xl=yes')).virtualization).toEqual({
      role: 'host',
      kind: 'xen',
    });
  });

  test.each([
    ['bare metal', 'machine=qemu', 'machine=none', { role: 'none', kind: 'none' }],
    ['a Xen guest', 'machine=qemu', 'machine=xen', { role: 'guest', kind: 'xen' }],
    [
      'a guest of something unknown without systemd',
      'container=none\nmachine=qemu\n',
      '',
      { role: 'guest', kind: 'unknown' },
    ],
    [
      'a guest by sysfs alone',
      'hypervisor=\ncapabilities=\nxl=no\nfile=\ncontainer=none\nmachine=qemu',
      'hypervisor=xen',
      { role: 'guest', kind: 'xen' },
    ],
    ['a container of podman', 'container=none', 'environ=podman', { role: 'container', kind: 'podman' }],
  ])('knows %s', (_what, from, to, expected) => {
    expect(debian).toContain(from);
    expect(readFacts(debian.replace(from, to)).virtualization).toEqual(expected);
  });

  test('takes a relative of Fedora for its family', () => {
    const rocky = debian.replace('ID=debian', 'ID=rocky\nID_LIKE="rhel centos fedora"');
    expect(readFacts(rocky).os).toMatchObject({ id: 'rocky', family: 'fedora' });
    expect(readFacts(debian.replace('ID=debian', 'ID=arch')).os.family).toBe('other');
  });

  test.each([
    ['an answer that was cut off', debian.slice(0, -10), 'section "end" is missing'],
    ['no memory', debian.replace('MemTotal', 'MemFree'), 'MemTotal'],
    ['no processors', debian.replace('count=2', 'count='), 'number of processors'],
    ['addresses that are no JSON', debian.replace('[{"ifindex"', '{"ifindex"'), 'ip -j addr answered no list'],
    ['addresses of another shape', debian.replace(/^\[\{.*$/m, '[{"addr_info":7}]'), 'ip -j addr answered no list'],
    ['a block device without a size', debian.replace('vda 41943040 0', 'vda  0'), '"vda  0" is no block device'],
    ['no names', debian.replace('stor1\n6.1.0-28-amd64\nx86_64\n', ''), 'uname told no host name'],
    ['nothing', '', 'section "end" is missing'],
  ])('does not make facts of %s', (_what, text, message) => {
    expect(() => readFacts(text)).toThrow(message);
  });
});

describe('the script', () => {
  test('is one volatile question', () => {
    expect(factsReader.probes).toMatchObject([{ kind: 'command', isVolatile: true }]);
  });

  test('is answered by this machine with facts, and nothing on standard error', () => {
    const { stdout, stderr, status } = spawnSync('sh', ['-c', FACTS_SCRIPT], { encoding: 'utf8' });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    const facts = factsReader.read([{ kind: 'command', code: 0, stdout, stderr }]);
    expect(facts.memory_mib).toBeGreaterThan(0);
    expect(facts.interfaces.map(({ name }) => name)).toContain('lo');
    expect(facts.boot_id).toMatch(/^[0-9a-f-]{36}$/);
  });
});
