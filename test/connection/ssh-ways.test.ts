import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnector } from '../../src/connection/connect.ts';
import type { SshTarget } from '../../src/connection/target.ts';
import { toHostName } from '../../src/contract/host.ts';
import { ask } from '../../src/contract/probe.ts';
import { Secret } from '../../src/core/secret.ts';
import { failureOf } from './failure.ts';
import { connectTo, LOGIN, realClock, targetFor } from './real-host.ts';
import { freePort, makeKey, type Sshd, startSshd } from './sshd.ts';

let sshd: Sshd;
let home: string;

beforeAll(async () => {
  sshd = await startSshd({ hostKeys: ['ed25519', 'ecdsa'] });
  home = join(sshd.folder, 'home');
  mkdirSync(join(home, '.ssh'), { recursive: true });
});
afterAll(() => sshd.stop());

async function works(target: SshTarget, atHome = home): Promise<void> {
  const session = await connectTo(target, atHome);
  const [answer] = await session.exchange({ sections: [{ kind: 'ask', probes: [ask('echo', 'hi')] }] }, LOGIN);
  await session.close();
  expect(answer).toMatchObject({ answers: [{ stdout: 'hi\n' }] });
}
/** A target that reads the known hosts of a file with this text. */
function knowing(text: string, more: Partial<SshTarget> = {}): SshTarget {
  const file = join(sshd.folder, 'hosts');
  writeFileSync(file, text);
  const options = new Map([
    ['userknownhostsfile', [file]],
    ['globalknownhostsfile', ['/dev/null']],
  ]);
  return { ...targetFor(sshd), options, ...more };
}
function without(key: keyof SshTarget, target: SshTarget): SshTarget {
  const { [key]: _left, ...rest } = target;
  return { ...rest, kind: 'ssh', host: target.host, options: target.options };
}

describe('the key of a host', () => {
  it('is trusted when it is known, plain, hashed, or by a pattern', async () => {
    await works(knowing(sshd.knownHosts));
    const file = join(sshd.folder, 'hashed');
    writeFileSync(file, sshd.knownHosts);
    execFileSync('ssh-keygen', ['-Hf', file], { stdio: 'ignore' });
    expect(readFileSync(file, 'utf8')).toMatch(/^\|1\|/);
    await works(knowing(readFileSync(file, 'utf8')));
    await works(knowing(sshd.knownHosts.replaceAll(/^\S+/gm, '[127.0.0.*]:*,!other')));
  });

  it('is asked for in the type that is known', async () => {
    await works(knowing(sshd.knownHosts.split('\n')[1] ?? ''));
    await works(knowing(sshd.knownHosts.split('\n')[0] ?? ''));
  });

  it('is refused when it is not known', async () => {
    expect(await failureOf(connectTo(knowing(''), home), sshd)).toMatchInlineSnapshot(`
      "root@127.0.0.1:PORT: the host's key ssh-ed25519 SHA256:… is not known [E_HOST_KEY_UNKNOWN]
      hint: compare it on the host (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then: ssh-keyscan -p PORT 127.0.0.1 >>'FOLDER/hosts'; or set bench_host_key_checking=accept-new"
    `);
  });

  it('is refused when another one is known', async () => {
    makeKey(join(sshd.folder, 'other'), 'ed25519');
    const other = readFileSync(join(sshd.folder, 'other.pub'), 'utf8');
    const target = knowing(`# comment\n[127.0.0.1]:${sshd.port} ${other}`, { policy: 'accept-new' });
    expect(await failureOf(connectTo(target, home), sshd)).toMatchInlineSnapshot(`
      "root@127.0.0.1:PORT: the host shows the key ssh-ed25519 SHA256:…, but ssh-ed25519 SHA256:… is known at FOLDER/hosts:2 [E_HOST_KEY_CHANGED]
      hint: if the host was installed anew: ssh-keygen -R '[127.0.0.1]:PORT' -f 'FOLDER/hosts'"
    `);
  });

  it('is refused when it is revoked', async () => {
    const revoked = sshd.knownHosts.replaceAll(/^\S+/gm, '@revoked *');
    expect(await failureOf(connectTo(knowing(revoked + sshd.knownHosts), home), sshd)).toMatchInlineSnapshot(`
      "root@127.0.0.1:PORT: the host shows the key ssh-ed25519 SHA256:…, which is revoked at FOLDER/hosts:1 [E_HOST_KEY_REVOKED]
      hint: give the host a new key; a revoked one is known to be in wrong hands"
    `);
  });

  it('is written down once when new ones are accepted, also by several at once, and looked for from then on', async () => {
    const target = knowing('before ssh-ed25519 AAAA', { policy: 'accept-new' });
    await Promise.all([works(target), works(target), works(target)]);
    const lines = readFileSync(join(sshd.folder, 'hosts'), 'utf8').split('\n');
    expect(lines).toEqual(['before ssh-ed25519 AAAA', sshd.knownHosts.split('\n')[0]?.replace(/ bench$/, ''), '']);
    await works({ ...target, policy: 'strict' });
  });

  it('does not matter when checking is off', async () => {
    await works(knowing('', { policy: 'off' }));
    const options = new Map([
      ['stricthostkeychecking', ['no']],
      ['userknownhostsfile', ['/dev/null']],
    ]);
    await works({ ...targetFor(sshd), options });
  });
});

describe('a login', () => {
  const passphrase = new Secret('correct horse');
  let locked: string;

  beforeAll(() => {
    locked = join(sshd.folder, 'locked');
    makeKey(locked, 'ed25519', passphrase.reveal());
    const authorized = join(sshd.folder, 'authorized');
    writeFileSync(authorized, readFileSync(authorized, 'utf8') + readFileSync(`${locked}.pub`, 'utf8'));
  });

  it('takes a key with its passphrase', async () => {
    await works({ ...targetFor(sshd), keyFile: locked, passphrase });
  });

  it('says which key needs a passphrase, and which has another one', async () => {
    const target = { ...targetFor(sshd), keyFile: locked };
    expect(await failureOf(connectTo(target, home), sshd)).toMatchInlineSnapshot(`
      "root@127.0.0.1:PORT: the private key FOLDER/locked is encrypted, and no passphrase is known [E_SSH_KEY_ENCRYPTED]
      hint: set ansible_ssh_private_key_passphrase, or load the key: ssh-add"
    `);
    const wrong = { ...target, passphrase: new Secret('wrong') };
    expect(await failureOf(connectTo(wrong, home), sshd)).toMatchInlineSnapshot(`
      "root@127.0.0.1:PORT: login refused. The host takes publickey; there was nothing to try; not tried: key FOLDER/locked could not be decrypted: wrong passphrase [E_SSH_AUTH]
      hint: set ansible_ssh_private_key_passphrase, or load the key: ssh-add"
    `);
  });

  it('says what is wrong with the file of a key', async () => {
    const target = targetFor(sshd);
    const open = join(sshd.folder, 'open');
    writeFileSync(open, readFileSync(sshd.clientKey));
    chmodSync(open, 0o644);
    const problems = [];
    for (const keyFile of [join(sshd.folder, 'missing'), open, `${sshd.clientKey}.pub`, sshd.folder]) {
      if (keyFile.endsWith('.pub')) chmodSync(keyFile, 0o600);
      problems.push(await failureOf(connectTo({ ...target, keyFile }, home), sshd));
    }
    expect(problems.join('\n')).toMatchInlineSnapshot(`
      "root@127.0.0.1:PORT: the private key FOLDER/missing does not exist [E_SSH_KEY_MISSING]
      hint: correct ansible_ssh_private_key_file (a relative path counts from the inventory)
      root@127.0.0.1:PORT: the private key FOLDER/open can be read by others (mode 0644) [E_SSH_KEY_OPEN]
      hint: chmod 600 FOLDER/open
      root@127.0.0.1:PORT: the private key FOLDER/client.pub is no private key [E_SSH_KEY_FORMAT]
      hint: name the private key, not its .pub file
      root@127.0.0.1:PORT: the private key FOLDER cannot be read [E_SSH_KEY_UNREADABLE]
      hint: check the owner and mode of FOLDER: ls -l FOLDER"
    `);
  });

  it('says what was tried when it is refused', async () => {
    const stranger = join(sshd.folder, 'stranger');
    makeKey(stranger, 'ed25519');
    expect(await failureOf(connectTo({ ...targetFor(sshd), keyFile: stranger }, home), sshd)).toMatchInlineSnapshot(`
      "root@127.0.0.1:PORT: login refused. The host takes publickey; refused: key FOLDER/stranger [E_SSH_AUTH]
      hint: set ansible_ssh_private_key_file or ansible_password, and check ansible_user"
    `);
    const nothing = without('keyFile', targetFor(sshd));
    expect(await failureOf(connectTo(nothing, home), sshd)).toMatchInlineSnapshot(`
      "root@127.0.0.1:PORT: login refused. The host takes publickey; there was nothing to try [E_SSH_AUTH]
      hint: set ansible_ssh_private_key_file or ansible_password, and check ansible_user"
    `);
  });

  it('finds the usual keys in the home folder', async () => {
    writeFileSync(join(home, '.ssh', 'id_ed25519'), readFileSync(sshd.clientKey), { mode: 0o600 });
    await works(without('keyFile', targetFor(sshd)));
  });

  it('asks the agent, and does without one that is not there', async () => {
    const agent = await startAgent(join(sshd.folder, 'agent'));
    try {
      execFileSync('ssh-add', ['-q', sshd.clientKey], { env: { SSH_AUTH_SOCK: agent.socket } });
      const connect = (agentSocket: string) =>
        createConnector({
          targetOf: () => without('keyFile', targetFor(sshd)),
          environment: { home: '/nonexistent', user: 'root', agentSocket, variables: {} },
          clock: realClock,
        }).connect(toHostName('xen1'), LOGIN.signal);
      await (await connect(agent.socket)).close();
      expect(await failureOf(connect(join(sshd.folder, 'no-agent')), sshd)).toMatchInlineSnapshot(`
        "root@127.0.0.1:PORT: login refused. The host takes publickey; there was nothing to try; not tried: the agent at FOLDER/no-agent does not answer [E_SSH_AUTH]
        hint: set ansible_ssh_private_key_file or ansible_password, and check ansible_user"
      `);
    } finally {
      agent.stop();
    }
  });
});

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
      await works({ kind: 'ssh', host: 'inner', options: new Map(), configFile });
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
    await works({ ...targetFor(sshd), options: new Map([...options, ['proxycommand', [command]]]) });
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

function startAgent(socket: string): Promise<{ readonly socket: string; stop(): void }> {
  const child = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve) => {
    createInterface({ input: child.stdout }).once('line', () => resolve({ socket, stop: () => child.kill() }));
  });
}
