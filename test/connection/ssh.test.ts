import { createHash, randomBytes, randomInt } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session } from '../../src/contract/host.ts';
import { ask, askShell, textOf } from '../../src/contract/probe.ts';
import { runShell, type Step } from '../../src/contract/step.ts';
import { sha256 } from '../../src/core/digest.ts';
import { failureOf } from './failure.ts';
import { makeFolder } from './local-shell.ts';
import { connectTo, LOGIN, targetFor } from './real-host.ts';
import { type Sshd, startSshd } from './sshd.ts';

/** Leaves in `p` the process id of the sshd that serves the session. */
const FIND = `p=$$; while read -r l <"/proc/$p/stat"; do case $l in *"(sshd"*) break ;; esac; set -- \${l##*) }; p=$2; done`;
/** Ends it, as a cut cable would. */
const CUT = `${FIND}; kill -9 $p`;

describe('a session over ssh', () => {
  let sshd: Sshd;
  let session: Session;

  beforeAll(async () => {
    sshd = await startSshd();
    session = await connectTo(targetFor(sshd));
  });
  afterAll(async () => {
    await session.close();
    await sshd.stop();
  });

  function frameOf(...steps: readonly Step[]) {
    return { sections: [{ kind: 'act', steps, after: [], onFailure: 'stop' }] } as const;
  }
  async function shown(command: string): Promise<string> {
    const [answer] = await session.exchange({ sections: [{ kind: 'ask', probes: [askShell(command)] }] }, LOGIN);
    const first = answer?.kind === 'answers' ? answer.answers[0] : undefined;
    return first?.kind === 'command' ? first.stdout.trim() : '';
  }

  it('carries a large file of any bytes to the host and back', async () => {
    const bytes = randomBytes(50_000_000);
    const source = join(sshd.folder, 'source');
    const path = join(sshd.folder, 'target');
    writeFileSync(source, bytes);
    const content = { kind: 'file', path: source, sizeBytes: bytes.length, sha256: sha256(bytes) } as const;
    const [done] = await session.exchange(frameOf({ kind: 'write', path, content }), LOGIN);
    expect(done).toMatchObject({ kind: 'done' });
    const hash = createHash('sha256');
    await session.stream(['cat', path], { ...LOGIN, onStdout: (piece) => hash.update(piece) });
    expect(hash.digest('hex')).toBe(content.sha256);
  });

  it('gives the whole content of a large file', async () => {
    const path = join(sshd.folder, 'text');
    const bytes = randomBytes(5_000_000);
    writeFileSync(path, bytes);
    const [answer] = await session.exchange({ sections: [{ kind: 'ask', probes: [textOf(path)] }] }, LOGIN);
    const [text] = answer?.kind === 'answers' ? answer.answers : [];
    expect(text?.kind === 'text' && bytes.equals(text.bytes ?? new Uint8Array())).toBe(true);
  });

  it('streams a large input to a command', async () => {
    const stdin = readFileSync(join(sshd.folder, 'source')).subarray(0, 5_000_000);
    const out: Uint8Array[] = [];
    await session.stream(['sha256sum'], { ...LOGIN, stdin, onStdout: (piece) => out.push(piece) });
    expect(Buffer.concat(out).toString()).toBe(`${sha256(stdin)}  -\n`);
  });

  it('says what is in doubt when the connection is lost, and connects again at the next call', async () => {
    const frame = frameOf(runShell(`${CUT}; sleep 5`));
    expect(await failureOf(session.exchange(frame, LOGIN))).toMatchInlineSnapshot(
      `"xen1: the connection was lost; when last heard, "sh -c" ran: what took effect from there on is not known [E_CONNECTION_LOST]"`,
    );
    expect(await shown('echo alive')).toBe('alive');
  });

  it('connects again where the connection was lost between two frames', async () => {
    await session.exchange(frameOf(runShell(`${FIND}; (sleep 0.05; kill -9 $p) >/dev/null 2>&1 &`)), LOGIN);
    await expect(session.stream(['sleep', '30'], LOGIN)).rejects.toMatchObject({ code: 'E_CONNECTION_LOST' });
    expect(await shown('echo alive')).toBe('alive');
  });

  it('fails a streamed command whose connection is lost', async () => {
    expect(await failureOf(session.stream(['sh', '-c', CUT], LOGIN))).toMatchInlineSnapshot(
      `"xen1: the connection was lost while sh ran: it may go on running there [E_CONNECTION_LOST]"`,
    );
  });

  it('drops the connection and makes a new one when told to', async () => {
    const before = await shown('echo $PPID $$');
    await session.reconnect(LOGIN.signal);
    expect(await shown('echo $PPID $$')).not.toBe(before);
  });

  it('shares one connection among all that run at once', async () => {
    const all = await Promise.all([
      shown(`${FIND}; echo $p`),
      session.stream(['sleep', '0.1'], LOGIN),
      session.stream(['sleep', '0.1'], LOGIN),
    ]);
    expect(all[0]).toMatch(/^\d+$/);
  });

  it('ends the commands of a frame that takes too long', async () => {
    // Not the same as another run's.
    const seconds = String(randomInt(10_000, 1_000_000));
    const step = runShell('sleep "$1"', seconds);
    const exchange = session.exchange(frameOf(step), { ...LOGIN, limitMs: 100 });
    await expect(exchange).rejects.toMatchObject({ code: 'E_TIME_LIMIT' });
    expect(await shown(`pgrep -fx "sleep ${seconds}" || echo none`)).toBe('none');
  });
});

describe('a login that says more than it was asked', () => {
  it('drops a banner, the words of start files, and their tracing', async () => {
    const folder = makeFolder();
    const noisy = await startSshd({
      config: ['Banner /etc/os-release', `SetEnv BASH_ENV=${folder}/rc`],
    });
    writeFileSync(`${folder}/rc`, 'echo noise; echo noise >&2; printf "\\036 half a marker"; set -x\n');
    const session = await connectTo(targetFor(noisy));
    try {
      const [answer] = await session.exchange({ sections: [{ kind: 'ask', probes: [ask('echo', 'hi')] }] }, LOGIN);
      expect(answer).toMatchObject({ answers: [{ code: 0, stdout: 'hi\n', stderr: '' }] });
    } finally {
      await session.close();
      await noisy.stop();
      rmSync(folder, { recursive: true });
    }
  });

  it('tells what a login said that ended without a shell', async () => {
    const sshd = await startSshd({ keyOptions: 'command="echo This account is closed.; exit 1"' });
    const session = await connectTo(targetFor(sshd));
    try {
      expect(await failureOf(session.exchange({ sections: [] }, LOGIN))).toMatchInlineSnapshot(`
        "xen1: no POSIX shell started: the login ended with exit code 1, saying "This account is closed." [E_NO_SHELL]
        hint: the login user needs a shell that can run: sh -c true"
      `);
      expect(await failureOf(session.stream(['true'], LOGIN))).toContain('E_NO_SHELL');
    } finally {
      await session.close();
      await sshd.stop();
    }
  });
});
