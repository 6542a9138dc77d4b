import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOf } from './failure.ts';
import { connectTo, targetFor } from './real-host.ts';
import { makeKey, type Sshd, startSshd } from './sshd.ts';
import { expectToWork, knowing } from './ways.ts';

let sshd: Sshd;
let home: string;

beforeAll(async () => {
  sshd = await startSshd({ hostKeys: ['ed25519', 'ecdsa'] });
  home = join(sshd.folder, 'home');
  mkdirSync(join(home, '.ssh'), { recursive: true });
});
afterAll(() => sshd.stop());

describe('the key of a host', () => {
  it('is trusted when it is known, plain, hashed, or by a pattern', async () => {
    await expectToWork(knowing(sshd, sshd.knownHosts), home);
    const file = join(sshd.folder, 'hashed');
    writeFileSync(file, sshd.knownHosts);
    execFileSync('ssh-keygen', ['-Hf', file], { stdio: 'ignore' });
    expect(readFileSync(file, 'utf8')).toMatch(/^\|1\|/);
    await expectToWork(knowing(sshd, readFileSync(file, 'utf8')), home);
    await expectToWork(knowing(sshd, sshd.knownHosts.replaceAll(/^\S+/gm, '[127.0.0.*]:*,!other')), home);
  });

  it('is asked for in the type that is known', async () => {
    await expectToWork(knowing(sshd, sshd.knownHosts.split('\n')[1] ?? ''), home);
    await expectToWork(knowing(sshd, sshd.knownHosts.split('\n')[0] ?? ''), home);
  });

  it('is refused when it is not known', async () => {
    expect(await failureOf(connectTo(knowing(sshd, ''), home), sshd)).toMatchInlineSnapshot(`
      "root@127.0.0.1:PORT: the host's key ssh-ed25519 SHA256:… is not known [E_HOST_KEY_UNKNOWN]
      hint: compare it on the host (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then: ssh-keyscan -p PORT 127.0.0.1 >>'FOLDER/hosts'; or set bench_host_key_checking=accept-new"
    `);
  });

  it('is refused when another one is known', async () => {
    makeKey(join(sshd.folder, 'other'), 'ed25519');
    const other = readFileSync(join(sshd.folder, 'other.pub'), 'utf8');
    const target = knowing(sshd, `# comment\n[127.0.0.1]:${sshd.port} ${other}`, { policy: 'accept-new' });
    expect(await failureOf(connectTo(target, home), sshd)).toMatchInlineSnapshot(`
      "root@127.0.0.1:PORT: the host shows the key ssh-ed25519 SHA256:…, but ssh-ed25519 SHA256:… is known at FOLDER/hosts:2 [E_HOST_KEY_CHANGED]
      hint: if the host was installed anew: ssh-keygen -R '[127.0.0.1]:PORT' -f 'FOLDER/hosts'"
    `);
  });

  it('is refused when it is revoked', async () => {
    const revoked = sshd.knownHosts.replaceAll(/^\S+/gm, '@revoked *');
    expect(await failureOf(connectTo(knowing(sshd, revoked + sshd.knownHosts), home), sshd)).toMatchInlineSnapshot(`
      "root@127.0.0.1:PORT: the host shows the key ssh-ed25519 SHA256:…, which is revoked at FOLDER/hosts:1 [E_HOST_KEY_REVOKED]
      hint: give the host a new key; a revoked one is known to be in wrong hands"
    `);
  });

  it('is written down once when new ones are accepted, also by several at once, and looked for from then on', async () => {
    const target = knowing(sshd, 'before ssh-ed25519 AAAA', { policy: 'accept-new' });
    await Promise.all([expectToWork(target), expectToWork(target), expectToWork(target)]);
    const lines = readFileSync(join(sshd.folder, 'hosts'), 'utf8').split('\n');
    expect(lines).toEqual(['before ssh-ed25519 AAAA', sshd.knownHosts.split('\n')[0]?.replace(/ bench$/, ''), '']);
    await expectToWork({ ...target, policy: 'strict' }, home);
  });

  it('does not matter when checking is off', async () => {
    await expectToWork(knowing(sshd, '', { policy: 'off' }), home);
    const options = new Map([
      ['stricthostkeychecking', ['no']],
      ['userknownhostsfile', ['/dev/null']],
    ]);
    await expectToWork({ ...targetFor(sshd), options }, home);
  });
});
