import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnector } from '../../src/connection/connect.ts';
import { toHostName } from '../../src/contract/host.ts';
import { Secret } from '../../src/core/secret.ts';
import { failureOf } from './failure.ts';
import { connectTo, LOGIN, realClock, targetFor } from './real-host.ts';
import { makeKey, type Sshd, startSshd } from './sshd.ts';
import { expectToWork, withoutKey } from './ways.ts';

let sshd: Sshd;
let home: string;

beforeAll(async () => {
  sshd = await startSshd({ hostKeys: ['ed25519', 'ecdsa'] });
  home = join(sshd.folder, 'home');
  mkdirSync(join(home, '.ssh'), { recursive: true });
});
afterAll(() => sshd.stop());

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
    await expectToWork({ ...targetFor(sshd), keyFile: locked, passphrase }, home);
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
    const nothing = withoutKey(targetFor(sshd));
    expect(await failureOf(connectTo(nothing, home), sshd)).toMatchInlineSnapshot(`
      "root@127.0.0.1:PORT: login refused. The host takes publickey; there was nothing to try [E_SSH_AUTH]
      hint: set ansible_ssh_private_key_file or ansible_password, and check ansible_user"
    `);
  });

  it('finds the usual keys in the home folder', async () => {
    writeFileSync(join(home, '.ssh', 'id_ed25519'), readFileSync(sshd.clientKey), { mode: 0o600 });
    await expectToWork(withoutKey(targetFor(sshd)), home);
  });

  it('asks the agent, and does without one that is not there', async () => {
    const agent = await startAgent(join(sshd.folder, 'agent'));
    try {
      execFileSync('ssh-add', ['-q', sshd.clientKey], { env: { SSH_AUTH_SOCK: agent.socket } });
      const connect = (agentSocket: string) =>
        createConnector({
          targetOf: () => withoutKey(targetFor(sshd)),
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

function startAgent(socket: string): Promise<{ readonly socket: string; stop(): void }> {
  const child = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve) => {
    createInterface({ input: child.stdout }).once('line', () => resolve({ socket, stop: () => child.kill() }));
  });
}
