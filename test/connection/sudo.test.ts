import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Privilege, Session } from '../../src/contract/host.ts';
import { ask, askShell } from '../../src/contract/probe.ts';
import { runShell } from '../../src/contract/step.ts';
import { Secret } from '../../src/core/secret.ts';
import { failureOf } from './failure.ts';
import { connectTo, LOGIN, targetFor } from './real-host.ts';
import { type Sshd, startSshd } from './sshd.ts';
import { type Account, addAccount } from './users.ts';

const PASSWORD = 'it is "$ecret"';

let sshd: Sshd;
let free: Account;
let asked: Account;
let stranger: Account;
const sessions: Session[] = [];

beforeAll(async () => {
  sshd = await startSshd({
    config: ['PasswordAuthentication yes', 'KbdInteractiveAuthentication no'],
    match: ['Match User bench-*', '  AuthorizedKeysFile .ssh/authorized_keys'],
  });
  const publicKeyFile = `${sshd.clientKey}.pub`;
  free = addAccount({ password: PASSWORD, publicKeyFile, sudoers: 'ALL=(ALL) NOPASSWD: ALL' });
  asked = addAccount({ password: PASSWORD, publicKeyFile, sudoers: 'ALL=(ALL) ALL' });
  stranger = addAccount({ password: PASSWORD, publicKeyFile });
});
afterAll(async () => {
  await Promise.all(sessions.map((session) => session.close()));
  await sshd.stop();
  for (const account of [free, asked, stranger]) account.remove();
});

async function loginAs(user: string): Promise<Session> {
  const session = await connectTo(targetFor(sshd, { user }));
  sessions.push(session);
  return session;
}
function sudo(user: string, password?: string): Privilege {
  return { kind: 'sudo', user, ...(password !== undefined && { password: new Secret(password) }) };
}
async function shown(session: Session, privilege: Privilege, command: string): Promise<string> {
  const frame = { sections: [{ kind: 'ask', probes: [askShell(command)] }] } as const;
  const [answer] = await session.exchange(frame, { ...LOGIN, privilege });
  const first = answer?.kind === 'answers' ? answer.answers[0] : undefined;
  return first?.kind === 'command' ? first.stdout.trim() : '';
}
/** Without the accounts' names, which differ from run to run. */
async function failure(attempt: Promise<unknown>): Promise<string> {
  return (await failureOf(attempt, sshd)).replaceAll(/bench-[0-9a-f]{8}/g, 'USER');
}

describe('a frame as another user', () => {
  it('runs as that user, beside the frames of the login user', async () => {
    const session = await loginAs(free.name);
    expect(await shown(session, sudo('root'), 'id -un; echo "$HOME"')).toBe('root\n/root');
    expect(await shown(session, { kind: 'login' }, 'id -un')).toBe(free.name);
    expect(await shown(session, sudo(asked.name), 'id -un')).toBe(asked.name);
    expect(await shown(session, sudo(free.name), 'id -un')).toBe(free.name);
  });

  it('gives the password to a sudo that asks for it, and keeps it out of what follows', async () => {
    const session = await loginAs(asked.name);
    expect(await shown(session, sudo('root', PASSWORD), 'id -un; cat')).toBe('root');
    expect(await shown(await loginAs(free.name), sudo('root', PASSWORD), 'id -un; cat')).toBe('root');
    const out: Uint8Array[] = [];
    const privilege = sudo(stranger.name, PASSWORD);
    const onStdout = (piece: Uint8Array) => out.push(piece);
    const end = await session.stream(['sh', '-c', 'id -un; cat; exit 4'], {
      ...LOGIN,
      privilege,
      stdin: 'given',
      onStdout,
    });
    expect(end).toEqual({ code: 4 });
    expect(Buffer.concat(out).toString()).toBe(`${stranger.name}\ngiven`);
  });

  it('does not need sudo where root logs in', async () => {
    const session = await connectTo(targetFor(sshd));
    sessions.push(session);
    expect(await shown(session, sudo('root'), 'id -un; ps -o args= -p $PPID | grep -c sudo')).toBe('root\n0');
    expect(await shown(session, sudo(free.name), 'id -un')).toBe(free.name);
  });

  it('ends with its children when it takes too long', async () => {
    const session = await loginAs(asked.name);
    const privilege = sudo('root', PASSWORD);
    // Not the same as another run's.
    const seconds = String(randomInt(10_000, 1_000_000));
    const frame = {
      sections: [{ kind: 'act', steps: [runShell('sleep "$1"', seconds)], after: [], onFailure: 'stop' }],
    } as const;
    await expect(session.exchange(frame, { ...LOGIN, privilege, limitMs: 500 })).rejects.toMatchObject({
      code: 'E_TIME_LIMIT',
    });
    expect(await shown(session, privilege, `pgrep -fx "sleep ${seconds}" || echo none`)).toBe('none');
  });

  it('fails in a clear word where sudo refuses', async () => {
    const problems = [];
    for (const [account, privilege] of [
      [asked, sudo('root')],
      [asked, sudo('root', 'wrong')],
      [stranger, sudo('root', PASSWORD)],
      [free, sudo('no-such-user')],
    ] as const) {
      const session = await loginAs(account.name);
      const frame = { sections: [{ kind: 'ask', probes: [ask('true')] }] } as const;
      problems.push(await failure(session.exchange(frame, { ...LOGIN, privilege })));
      expect(await shown(session, { kind: 'login' }, 'echo alive')).toBe('alive');
    }
    expect(problems.join('\n')).toMatchInlineSnapshot(`
      "xen1: sudo to root asks for a password, and none is known [E_SUDO_PASSWORD_REQUIRED]
      hint: set ansible_become_password, or allow the user NOPASSWD in sudoers
      xen1: sudo to root refused the password [E_SUDO_PASSWORD_WRONG]
      hint: correct ansible_become_password
      xen1: the login user may not become root through sudo [E_SUDO_NOT_ALLOWED]
      hint: add the login user to sudoers (or to the group wheel), or set ansible_become: false
      xen1: there is no user no-such-user to become [E_SUDO_UNKNOWN_USER]
      hint: correct become_user, or create the user first"
    `);
  });
});

describe('a login with a password', () => {
  it('is let in, and told so when the password is wrong', async () => {
    const { keyFile: _none, ...target } = targetFor(sshd, { user: asked.name, password: new Secret(PASSWORD) });
    const session = await connectTo(target);
    sessions.push(session);
    expect(await shown(session, { kind: 'login' }, 'id -un')).toBe(asked.name);
    expect(await failure(connectTo({ ...target, password: new Secret('wrong') }))).toMatchInlineSnapshot(`
      "USER@127.0.0.1:PORT: login refused. The host takes publickey, password; refused: the password [E_SSH_AUTH]
      hint: set ansible_ssh_private_key_file or ansible_password, and check ansible_user"
    `);
  });

  it('answers the questions of a host that asks instead', async () => {
    const asking = await startSshd({
      config: ['UsePAM yes', 'PasswordAuthentication no', 'KbdInteractiveAuthentication yes'],
    });
    try {
      const { keyFile: _none, ...target } = targetFor(asking, { user: asked.name, password: new Secret(PASSWORD) });
      const session = await connectTo(target);
      expect(await shown(session, { kind: 'login' }, 'id -un')).toBe(asked.name);
      await session.close();
    } finally {
      await asking.stop();
    }
  });
});
