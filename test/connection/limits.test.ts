import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostSession } from '../../src/connection/session.ts';
import type { Section } from '../../src/contract/frame.ts';
import { ask, askShell } from '../../src/contract/probe.ts';
import { bytesOf, run, runShell, type Step } from '../../src/contract/step.ts';
import { localSession, makeFolder, SHELLS } from './local-shell.ts';
import { LOGIN } from './real-host.ts';

describe.each(SHELLS)('what bounds a frame whose sh is %s', (shell) => {
  let folder: string;
  let session: HostSession;

  beforeAll(() => {
    folder = makeFolder();
    session = localSession(shell, folder);
  });
  afterAll(async () => {
    await session.close();
    rmSync(folder, { recursive: true });
  });

  function frameOf(...steps: readonly Step[]): { readonly sections: readonly Section[] } {
    return { sections: [{ kind: 'act', steps, after: [], onFailure: 'stop' }] };
  }
  async function shown(command: string): Promise<string> {
    const [answer] = await session.exchange({ sections: [{ kind: 'ask', probes: [askShell(command)] }] }, LOGIN);
    const first = answer?.kind === 'answers' ? answer.answers[0] : undefined;
    return first?.kind === 'command' ? first.stdout.trim() : '';
  }

  it('ends the commands of a frame that takes too long, with their children', async () => {
    const pidFile = join(folder, 'limit');
    const step = runShell('sleep 100 & echo $! >"$1"; wait', pidFile);
    await expect(session.exchange(frameOf(step), { ...LOGIN, limitMs: 150 })).rejects.toMatchObject({
      code: 'E_TIME_LIMIT',
      message: 'xen1: not done after 150 ms',
    });
    expect(await shown(`grep -sc '^State:.[^Z]' /proc/$(cat '${pidFile}')/status || echo gone`)).toContain('gone');
  });

  it('ends the commands when the user asks to stop, and leaves no temporary file', async () => {
    const stop = new AbortController();
    const validate = ['sh', '-c', 'echo ready; sleep 100'];
    const write: Step = { kind: 'write', path: join(folder, 'target'), content: bytesOf('x'), validate };
    const onOutput = () => stop.abort();
    const stopped = session.exchange(frameOf(write), { ...LOGIN, signal: stop.signal, onOutput });
    await expect(stopped).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
    expect(await shown(`ls -A '${folder}' | grep -c bench-`)).toBe('0');
  });

  it('removes what it sent ahead when it is ended', async () => {
    const stop = new AbortController();
    const large: Step = {
      kind: 'write',
      path: join(folder, 'large'),
      content: { kind: 'bytes', bytes: new Uint8Array(100_000) },
    };
    const onOutput = () => stop.abort();
    const stopped = session.exchange(frameOf(runShell('ls "$TMPDIR"; sleep 100'), large), {
      ...LOGIN,
      signal: stop.signal,
      onOutput,
    });
    await expect(stopped).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
    expect(await shown('ls "$TMPDIR"')).toBe('');
  });

  it('begins nothing for a signal that was given before', async () => {
    const frame = frameOf(run('touch', join(folder, 'never')));
    const signal = AbortSignal.abort();
    await expect(session.exchange(frame, { ...LOGIN, signal })).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
    expect(await shown(`ls '${folder}' | grep -c never`)).toBe('0');
  });

  it('says so when a step ends the shell of the session, and takes a new one for the next frame', async () => {
    const step = runShell('p=$PPID; read -r a b c d z </proc/$p/stat; kill -9 $d; kill -9 $p; sleep 5');
    await expect(session.exchange(frameOf(run('true'), step), LOGIN)).rejects.toMatchObject({
      code: 'E_SHELL_ENDED',
      message: 'xen1: its shell ended with SIGKILL while "sh -c" ran: whether that took effect is not known',
    });
    expect(await shown('echo alive')).toBe('alive');
  });

  it('shows output as it comes, whole characters only', async () => {
    const pieces: string[] = [];
    const step = runShell('printf "\\303"; sleep 0.05; printf "\\274"; echo err >&2');
    await session.exchange(frameOf(run('echo', 'first'), step), { ...LOGIN, onOutput: (piece) => pieces.push(piece) });
    expect(pieces[0]).toBe('first\n');
    expect(pieces.slice(1).sort()).toEqual(['err\n', 'ü']);
  });

  it('keeps the ends of an output that is too long, and says what it left out', async () => {
    const step = runShell('echo begin; head -c 3000000 /dev/zero | tr "\\0" x; echo; echo end; exit 3');
    const [answer] = await session.exchange(frameOf(step), LOGIN);
    const { stdout, code } = (answer?.kind === 'stepFailed' && answer.results[0]) || { stdout: '', code: 0 };
    expect(code).toBe(3);
    expect(stdout.startsWith('begin\nxxx')).toBe(true);
    expect(stdout.endsWith('xxx\nend\n')).toBe(true);
    expect(stdout).toContain('\n[bench: 2475723 bytes left out here]\n');
    expect(stdout.length).toBeLessThan(525_000);
  });

  it('refuses a probe that answers too much', async () => {
    const probe = askShell('head -c 70000000 /dev/zero');
    await expect(session.exchange({ sections: [{ kind: 'ask', probes: [probe] }] }, LOGIN)).rejects.toMatchObject({
      code: 'E_ANSWER_TOO_LARGE',
    });
    expect(await shown('echo alive')).toBe('alive');
  });

  it('runs the frames of one privilege one after the other', async () => {
    const seen: string[] = [];
    const frames = ['a', 'b', 'c'].map(async (name) => {
      await session.exchange(frameOf(runShell('sleep 0.02; echo "$1"', name)), {
        ...LOGIN,
        onOutput: (piece) => seen.push(piece),
      });
    });
    await Promise.all(frames);
    expect(seen).toEqual(['a\n', 'b\n', 'c\n']);
  });

  it('streams a command beside the frames, with its input, both outputs and its exit code', async () => {
    const out: Uint8Array[] = [];
    const err: Uint8Array[] = [];
    const stdin = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
    const frame = session.exchange(frameOf(runShell('sleep 0.1')), LOGIN);
    const end = await session.stream(['sh', '-c', 'cat; echo err >&2; exit 7'], {
      ...LOGIN,
      stdin,
      onStdout: (piece) => out.push(piece),
      onStderr: (piece) => err.push(piece),
    });
    expect(end).toEqual({ code: 7 });
    expect(Buffer.concat(out).equals(Buffer.from(stdin))).toBe(true);
    expect(Buffer.concat(err).toString()).toBe('err\n');
    await frame;
  });

  it('tells a command that a signal ended from one that gave a code', async () => {
    expect(await session.stream(['sh', '-c', 'kill -9 $$'], LOGIN)).toEqual({ code: undefined });
    expect(await session.stream(['no-such-command'], LOGIN)).toEqual({ code: 127 });
    expect(await session.stream(['exit', '3'], LOGIN)).toEqual({ code: 3 });
  });

  it('ends a streamed command, with its children, when its signal is given', async () => {
    const stop = new AbortController();
    let pid = '';
    const end = await session.stream(['sh', '-c', 'sleep 100 & echo $!; wait'], {
      privilege: LOGIN.privilege,
      signal: stop.signal,
      onStdout: (piece) => {
        pid += Buffer.from(piece).toString();
        if (pid.endsWith('\n')) stop.abort();
      },
    });
    expect(end).toEqual({ code: undefined });
    expect(await shown(`grep -sc '^State:.[^Z]' /proc/${pid.trim()}/status || echo gone`)).toContain('gone');
  });

  it('gives what a streamed command writes while it ends', async () => {
    const stop = new AbortController();
    let text = '';
    const command = 'trap "echo ended; exit 0" TERM; echo ready; while :; do sleep 0.02; done';
    const onStdout = (piece: Uint8Array) => {
      text += Buffer.from(piece).toString();
      if (text === 'ready\n') stop.abort();
    };
    await session.stream(['sh', '-c', command], { privilege: LOGIN.privilege, signal: stop.signal, onStdout });
    expect(text).toBe('ready\nended\n');
  });

  it('counts round trips and bytes', async () => {
    const before = session.counters();
    await session.exchange({ sections: [{ kind: 'ask', probes: [ask('echo', 'x'.repeat(1000))] }] }, LOGIN);
    const after = session.counters();
    expect(after.roundTrips - before.roundTrips).toBe(1);
    expect(after.sentBytes - before.sentBytes).toBeGreaterThan(1000);
    expect(after.receivedBytes - before.receivedBytes).toBeGreaterThan(1000);
  });
});

describe('a command that does not end when told to', () => {
  it('is killed', async () => {
    const folder = makeFolder();
    const session = localSession('dash', folder);
    const sections = [
      {
        kind: 'act',
        steps: [runShell('trap "" TERM; echo $$; while :; do sleep 0.1; done')],
        after: [],
        onFailure: 'stop',
      },
    ] as const;
    let pid = '';
    const onOutput = (piece: string) => {
      pid += piece;
    };
    await expect(session.exchange({ sections }, { ...LOGIN, limitMs: 200, onOutput })).rejects.toMatchObject({
      code: 'E_TIME_LIMIT',
    });
    const probes = [askShell('grep -s "^State:.[^Z]" "/proc/$1/status" || echo gone', pid.trim())];
    expect(await session.exchange({ sections: [{ kind: 'ask', probes }] }, LOGIN)).toMatchObject([
      { answers: [{ stdout: 'gone\n' }] },
    ]);
    await session.close();
    rmSync(folder, { recursive: true });
  });
});
