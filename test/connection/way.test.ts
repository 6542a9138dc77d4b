import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnector } from '../../src/connection/connect.ts';
import type { SshTarget } from '../../src/connection/target.ts';
import { toHostName } from '../../src/contract/host.ts';
import { Secret } from '../../src/core/secret.ts';
import { failureOf } from './failure.ts';
import { connectTo, realClock, targetFor } from './real-host.ts';
import { freePort, makeKey, type Sshd, startSshd } from './sshd.ts';
import { expectToWork } from './ways.ts';

let sshd: Sshd;
let home: string;

beforeAll(async () => {
  sshd = await startSshd({ hostKeys: ['ed25519', 'ecdsa'] });
  home = join(sshd.folder, 'home');
  mkdirSync(join(home, '.ssh'), { recursive: true });
});
afterAll(() => sshd.stop());

describe('the way to a host', () => {
  it('leads through jump hosts, each with its own key and name', async () => {
    const jump = await startSshd();
    try {
      writeFileSync(join(home, '.ssh', 'known_hosts'), jump.knownHosts + sshd.knownHosts);
      const config = [
        `Host inner\n  HostName 127.0.0.1\n  Port ${sshd.port}\n  User root\n  IdentityFile ${sshd.clientKey}\n  ProxyJump middle`,
        `Host middle\n  HostName 127.0.0.1\n  Port ${jump.port}\n  User root\n  IdentityFile ${jump.clientKey}\n  ProxyJump outer`,
        `Host outer\n  HostName 127.0.0.1\n  Port ${jump.port}\n  User root\n  IdentityFile ${jump.clientKey}`,
      ];
      const configFile = join(home, 'config');
      writeFileSync(configFile, config.join('\n'));
      await expectToWork({ kind: 'ssh', host: 'inner', options: new Map(), configFile }, home);
      const options = new Map([
        ['proxyjump', ['outer']],
        ['hostname', ['192.0.2.1']],
        ['stricthostkeychecking', ['no']],
      ]);
      const wrong: SshTarget = {
        kind: 'ssh',
        host: 'inner',
        options: new Map([...options, ['hostname', ['127.0.0.1']]]),
        port: 1,
        configFile,
      };
      expect(await failureOf(connectTo(wrong, home), sshd, jump)).toMatchInlineSnapshot(`
        "root@127.0.0.1:1: the jump host could not reach 127.0.0.1 port 1: (SSH) Channel open failure: Connection refused [E_SSH_JUMP]
        hint: check the address as seen from the jump host, and AllowTcpForwarding there"
      `);
      writeFileSync(configFile, 'Host a\n  ProxyJump b\nHost b\n  ProxyJump a\n');
      expect(await failureOf(connectTo({ ...wrong, host: 'a', options: new Map() }, home))).toMatchInlineSnapshot(`
        "a: ProxyJump leads round in a circle [E_SSH_JUMP_LOOP]
        hint: give the jump host "ProxyJump none" in ~/.ssh/config"
      `);
    } finally {
      await jump.stop();
    }
  });

  it('leads through a command', async () => {
    const command = `ssh -F none -i ${sshd.clientKey} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -W %h:%p -p %p %r@%h`;
    const { options } = targetFor(sshd);
    await expectToWork({ ...targetFor(sshd), options: new Map([...options, ['proxycommand', [command]]]) }, home);
  });

  it('ends in a clear word where there is none', async () => {
    const target = targetFor(sshd, { policy: 'off' });
    const closing = await listen((socket) => socket.destroy());
    const silent = await listen(() => {});
    const options = new Map([['connecttimeout', ['1']]]);
    const problems = [];
    try {
      const port = await freePort();
      for (const more of [
        { host: 'no-such-host.invalid', port: 22 },
        { port },
        { port: closing.port },
        { port: silent.port, options },
      ]) {
        const text = await failureOf(connectTo({ ...target, ...more }, home));
        problems.push(text.replaceAll(String(more.port), 'PORT'));
      }
    } finally {
      closing.server.close();
      silent.server.close();
    }
    expect(problems.join('\n')).toMatchInlineSnapshot(`
      "root@no-such-host.invalid: the name no-such-host.invalid is not known [E_SSH_NAME]
      hint: set ansible_host, or add no-such-host.invalid to /etc/hosts or ~/.ssh/config
      root@127.0.0.1:PORT: nothing listens on port PORT [E_SSH_REFUSED]
      hint: start sshd on the host (systemctl start sshd), or set ansible_port
      root@127.0.0.1:PORT: the host closed the connection during the handshake [E_SSH_CLOSED]
      hint: look at the host: journalctl -u sshd (MaxStartups, a ban, or no SSH on this port)
      root@127.0.0.1:PORT: no answer on port PORT within 1 s [E_SSH_TIMEOUT]
      hint: check that the host is up and that no firewall drops the port"
    `);
  });

  it('tells of algorithms that nobody shares, and of a host that gives up', async () => {
    const old = await startSshd({ config: ['KexAlgorithms sntrup761x25519-sha512@openssh.com', 'MaxAuthTries 1'] });
    const strict = await startSshd({ config: ['MaxAuthTries 1', 'PasswordAuthentication yes'] });
    try {
      expect(await failureOf(connectTo(targetFor(old), home), old)).toMatchInlineSnapshot(`
        "root@127.0.0.1:PORT: no key exchange algorithm in common with the host [E_SSH_ALGORITHM]
        hint: ssh -v root@127.0.0.1 shows what the host offers; update its sshd"
      `);
      const stranger = join(strict.folder, 'stranger');
      makeKey(stranger, 'ed25519');
      const target = targetFor(strict, { keyFile: stranger, password: new Secret('no') });
      expect(await failureOf(connectTo(target, home), strict)).toMatchInlineSnapshot(`
        "root@127.0.0.1:PORT: the host gave up after key FOLDER/stranger [E_SSH_TOO_MANY]
        hint: name the one key (ansible_ssh_private_key_file) and set IdentitiesOnly=yes, or raise MaxAuthTries on the host"
      `);
    } finally {
      await old.stop();
      await strict.stop();
    }
  });

  it('is left at once when the user asks to stop', async () => {
    const stop = new AbortController();
    const silent = await listen(() => stop.abort());
    const target = { ...targetFor(sshd), port: silent.port };
    const connector = createConnector({
      targetOf: () => target,
      environment: { home, user: 'root', variables: {} },
      clock: realClock,
    });
    const connecting = connector.connect(toHostName('xen1'), stop.signal);
    await expect(connecting).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
    silent.server.close();
  });
});

function listen(onSocket: (socket: Socket) => void): Promise<{ readonly server: Server; readonly port: number }> {
  return new Promise((resolve) => {
    const server = createServer(onSocket);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({ server, port: typeof address === 'object' && address ? address.port : 0 });
    });
  });
}
