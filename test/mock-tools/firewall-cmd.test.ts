import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const payload = fileURLToPath(new URL('../../lab/mock/rpms/firewalld/', import.meta.url));
let root = '';

interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function firewallCmd(...args: readonly string[]): Said {
  const { status, stdout, stderr } = spawnSync(join(payload, 'firewall-cmd'), args, {
    env: { MOCK_ROOT: root },
    encoding: 'utf8',
  });
  return { code: status, out: stdout.trim(), err: stderr.trim() };
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'bench-firewall-'));
  for (const folder of [
    'etc/firewalld/zones',
    'usr/lib/firewalld/zones',
    'usr/lib/firewalld/services',
    'run/firewalld',
  ]) {
    await mkdir(join(root, folder), { recursive: true });
  }
  for (const name of ['eth0', 'eth1', 'lo']) await mkdir(join(root, 'sys/class/net', name), { recursive: true });
  await cp(join(payload, 'firewalld.conf'), join(root, 'etc/firewalld/firewalld.conf'));
  for (const zone of ['FedoraServer', 'public']) {
    await cp(join(payload, `${zone}.xml`), join(root, `usr/lib/firewalld/zones/${zone}.xml`));
  }
  await writeFile(join(root, 'usr/lib/firewalld/services/iscsi-target.xml'), '<service/>');
  await writeFile(join(root, 'run/firewalld/firewalld.pid'), '');
});
afterEach(() => rm(root, { recursive: true }));

it('says what firewalld says of its state, on the stream and with the code of firewall-cmd', async () => {
  expect(firewallCmd('--state')).toEqual({ code: 0, out: 'running', err: '' });
  expect(firewallCmd('--get-default-zone')).toEqual({ code: 0, out: 'FedoraServer', err: '' });
  await rm(join(root, 'run/firewalld'), { recursive: true });
  expect(firewallCmd('--state')).toEqual({ code: 252, out: '', err: 'not running' });
  expect(firewallCmd('--list-all')).toEqual({ code: 252, out: '', err: 'FirewallD is not running' });
});

it('keeps the permanent and the running configuration apart until a reload', () => {
  const query = ['--query-service=iscsi-target'];
  expect(firewallCmd(...query)).toEqual({ code: 1, out: 'no', err: '' });
  expect(firewallCmd('--permanent', '--add-service=iscsi-target').code).toBe(0);
  expect(firewallCmd(...query).out).toBe('no');
  expect(firewallCmd('--permanent', ...query)).toEqual({ code: 0, out: 'yes', err: '' });
  expect(firewallCmd('--reload').out).toBe('success');
  expect(firewallCmd(...query).out).toBe('yes');
});

it('drops at a reload what was added to the running configuration only', () => {
  expect(firewallCmd('--add-port=7707/udp').out).toBe('success');
  expect(firewallCmd('--list-ports').out).toBe('7707/udp');
  firewallCmd('--reload');
  expect(firewallCmd('--query-port', '7707/udp')).toEqual({ code: 1, out: 'no', err: '' });
});

it('succeeds with a warning where nothing changes', () => {
  firewallCmd('--add-service=iscsi-target');
  expect(firewallCmd('--add-service=iscsi-target')).toEqual({
    code: 0,
    out: 'success',
    err: "Warning: ALREADY_ENABLED: 'iscsi-target' already in 'FedoraServer'",
  });
  expect(firewallCmd('--permanent', '--remove-port=7707/udp')).toEqual({
    code: 0,
    out: 'success',
    err: 'Warning: NOT_ENABLED: 7707:udp',
  });
});

it.each([
  [['--add-service=nosuch'], 101, 'Error: INVALID_SERVICE: nosuch'],
  [['--add-port=7707'], 102, 'Error: INVALID_PORT: bad port'],
  [['--add-port=70000/udp'], 102, 'Error: INVALID_PORT: 70000'],
  [['--zone=nosuch', '--list-all'], 112, 'Error: INVALID_ZONE: nosuch'],
  [['--nosuch'], 2, 'unrecognized arguments: --nosuch'],
])('refuses %j with %i', (args, code, words) => {
  const said = firewallCmd(...args);
  expect(said.code).toBe(code);
  expect(said.err).toContain(words);
  expect(said.out).toBe('');
});

it('lists a zone as firewall-cmd does', () => {
  firewallCmd('--add-port=7707/udp');
  expect(firewallCmd('--list-all').out).toMatchInlineSnapshot(`
    "FedoraServer (default, active)
      target: default
      icmp-block-inversion: no
      interfaces: eth0 eth1
      sources: 
      services: ssh dhcpv6-client cockpit
      ports: 7707/udp
      protocols: 
      forward: yes
      masquerade: no
      forward-ports: 
      source-ports: 
      icmp-blocks: 
      rich rules:"
  `);
});

it('writes the permanent configuration as the XML that firewalld reads', async () => {
  firewallCmd('--permanent', '--zone=public', '--add-port=3260/tcp');
  const written = await readFile(join(root, 'etc/firewalld/zones/public.xml'), 'utf8');
  expect(written).toContain('<port port="3260" protocol="tcp" />');
  expect(firewallCmd('--permanent', '--zone=public', '--list-ports').out).toBe('3260/tcp');
  expect(firewallCmd('--permanent', '--list-ports').out).toBe('');
});

it('moves an interface to the zone that it is changed to', () => {
  expect(firewallCmd('--get-zone-of-interface=eth1').out).toBe('FedoraServer');
  expect(firewallCmd('--zone=public', '--add-interface=eth1')).toMatchObject({ code: 16 });
  expect(firewallCmd('--zone=public', '--change-interface=eth1').out).toBe('success');
  expect(firewallCmd('--get-zone-of-interface=eth1').out).toBe('public');
  expect(firewallCmd('--list-interfaces').out).toBe('eth0');
});
