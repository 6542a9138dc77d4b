import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostSession } from '../../src/connection/session.ts';
import { ask, askShell, digestOf, pathOf, textOf } from '../../src/contract/probe.ts';
import { bytesOf, run, runShell, type Step } from '../../src/contract/step.ts';
import { sha256 } from '../../src/core/digest.ts';
import { Secret } from '../../src/core/secret.ts';
import { localSession, makeFolder, SHELLS } from './local-shell.ts';
import { act, talkTo } from './talk.ts';

const ALL_BYTES = Uint8Array.from({ length: 1024 }, (_, index) => index % 256);

describe.each(SHELLS)('steps on a host whose sh is %s', (shell) => {
  let folder: string;
  let session: HostSession;
  const { exchange, answersTo, resultOf } = talkTo(() => session);

  beforeAll(() => {
    folder = makeFolder();
    mkdirSync(join(folder, 'place'));
    session = localSession(shell, folder);
  });
  afterAll(async () => {
    await session.close();
    rmSync(folder, { recursive: true });
  });

  it('ends a builtin that would end or change the shell with its own step', async () => {
    expect(await resultOf(run('exit', '3'))).toMatchObject({ kind: 'stepFailed', code: 3 });
    expect(await resultOf(run('cd', '/'))).toMatchObject({ kind: 'done' });
    expect(await resultOf(runShell('exec >&- 2>&-'))).toMatchObject({ kind: 'done' });
    expect((await answersTo(ask('pwd'))).answers).toMatchObject([{ stdout: `${process.cwd()}\n` }]);
  });

  it('tells the end of a step that killed the shell of its frame, and goes on with the next frame', async () => {
    const answers = await exchange(act([runShell('kill -9 $PPID; sleep 0.1')]), act([run('true')]));
    expect(answers).toMatchObject([{ kind: 'stepFailed', results: [{ code: 137 }] }, { kind: 'notReached' }]);
    expect(await resultOf(run('echo', 'alive'))).toMatchObject({ stdout: 'alive\n' });
  });

  it('gives a run step its folder, variables and input', async () => {
    const step = runShell('echo "$PWD $A $SECRET"; cat');
    const result = await resultOf({
      ...step,
      directory: join(folder, 'place'),
      environment: { A: "it's $A", SECRET: 'two\nlines' },
      stdin: new Secret("quo'ted"),
    });
    expect(result).toMatchObject({ kind: 'done', stdout: `${folder}/place it's $A two\nlines\nquo'ted` });
    expect((await answersTo(askShell('echo "$A$SECRET"'))).answers).toMatchObject([{ stdout: '\n' }]);
  });

  it('does not show the input of a step in the arguments of any process', async () => {
    const search = runShell('cat >/dev/null; tr "\\0" " " <"/proc/$PPID/cmdline"; tr "\\0" " " </proc/$$/cmdline');
    const { stdout } = await resultOf({ ...search, stdin: new Secret('hunter2hunter2') });
    expect(stdout).not.toContain('hunter2');
    expect(stdout).not.toBe('');
  });

  it('fails a step whose folder is missing, whatever exit codes it accepts', async () => {
    const result = await resultOf({ ...run('true'), directory: join(folder, 'missing'), accept: 'any' });
    expect(result).toMatchObject({ kind: 'stepFailed', code: 1, stderr: expect.stringContaining('missing') });
  });

  it('takes the accepted exit codes for done', async () => {
    expect(await resultOf({ ...run('sh', '-c', 'exit 4'), accept: [0, 4] })).toMatchObject({ kind: 'done', code: 4 });
    expect(await resultOf({ ...run('sh', '-c', 'exit 5'), accept: [0, 4] })).toMatchObject({ kind: 'stepFailed' });
    expect(await resultOf({ ...run('sh', '-c', 'exit 5'), accept: 'any' })).toMatchObject({ kind: 'done', code: 5 });
  });

  it('stops the frame at a failed step, or goes on with the next section where told to', async () => {
    const failing = [run('echo', 'one'), run('false'), run('touch', join(folder, 'never'))];
    const frames = await exchange(
      act(failing, { onFailure: 'continue' }),
      act([run('echo', 'two')]),
      act(failing),
      act([run('true')]),
    );
    expect(frames.map(({ kind }) => kind)).toEqual(['stepFailed', 'done', 'stepFailed', 'notReached']);
    expect(frames[0]).toMatchObject({ results: [{ code: 0, stdout: 'one\n' }, { code: 1 }] });
    expect((await answersTo(pathOf(join(folder, 'never')))).answers).toMatchObject([{ entry: undefined }]);
  });

  it('acts only where the host is still as it was asked', async () => {
    const file = join(folder, 'guarded');
    const link = join(folder, 'guarded-link');
    writeFileSync(file, 'before');
    symlinkSync('before', link);
    const probes = [
      pathOf(file),
      pathOf(folder),
      pathOf(link),
      pathOf('/dev/null'),
      pathOf(join(folder, 'missing')),
      digestOf(file),
      textOf(file),
      digestOf(join(folder, 'place', 'x\ny')),
      ask('cat', file),
      askShell('printf "\\0\\377"; echo noise $$ >&2; exit 3'),
      { ...askShell('echo $$; date +%s%N'), isVolatile: true },
    ];
    const guard = { probes, fingerprint: (await answersTo(...probes)).fingerprint };
    const after = [textOf(file)];
    const first = await exchange(
      act([{ kind: 'write', path: file, content: bytesOf('after') }], { guard, after }),
      act([run('true')]),
    );
    expect(first).toMatchObject([{ kind: 'done', after: [{ text: 'after' }] }, { kind: 'done' }]);
    const second = await exchange(act([run('rm', file)], { guard }), act([run('rm', file)]));
    const [stale, next] = second;
    expect(stale?.kind === 'stale' && stale.answers[6]).toMatchObject({ text: 'after' });
    expect(next).toEqual({ kind: 'notReached' });
    const again = { probes, fingerprint: stale?.kind === 'stale' ? stale.fingerprint : '' };
    expect(await exchange(act([run('true')], { guard: again }))).toMatchObject([{ kind: 'done' }]);
  });

  it('gives the after-probes the same fingerprint as the question asked later', async () => {
    const probes = [textOf(join(folder, 'later')), pathOf(join(folder, 'later'))];
    const write: Step = { kind: 'write', path: join(folder, 'later'), content: bytesOf('x') };
    const [done] = await exchange(act([write], { after: probes }));
    const { fingerprint } = await answersTo(...probes);
    expect(done).toMatchObject({ kind: 'done', fingerprint });
  });

  it('writes every byte of a new file, which is 0644', async () => {
    const path = join(folder, 'place', "new 'file'\n");
    expect(await resultOf({ kind: 'write', path, content: { kind: 'bytes', bytes: ALL_BYTES } })).toMatchObject({
      kind: 'done',
    });
    expect(readFileSync(path).equals(Buffer.from(ALL_BYTES))).toBe(true);
    expect((await answersTo(pathOf(path))).answers).toMatchObject([{ entry: { mode: 0o644, owner: 'root' } }]);
  });

  it('keeps mode and owner of the old file, sets what is given, and leaves nothing beside it', async () => {
    const place = join(folder, 'kept');
    mkdirSync(place);
    const path = join(place, 'file');
    writeFileSync(path, 'old');
    chmodSync(path, 0o640);
    await exchange(act([run('chown', 'daemon:mail', path)]));
    await exchange(act([{ kind: 'write', path, content: bytesOf('new') }]));
    expect((await answersTo(pathOf(path), textOf(path))).answers).toMatchObject([
      { entry: { mode: 0o640, owner: 'daemon', group: 'mail' } },
      { text: 'new' },
    ]);
    await exchange(act([{ kind: 'write', path, content: bytesOf('newer'), mode: 0o4711, owner: 'root' }]));
    expect((await answersTo(pathOf(path), ask('ls', '-A', place))).answers).toMatchObject([
      { entry: { mode: 0o4711, owner: 'root', group: 'mail' } },
      { stdout: 'file\n' },
    ]);
  });

  it('writes what is too large for the script, and removes what it sent ahead', async () => {
    const bytes = Buffer.alloc(300_000, 'large content ');
    const source = join(folder, 'source');
    writeFileSync(source, bytes);
    const content = { kind: 'file', path: source, sizeBytes: bytes.length, sha256: sha256(bytes) } as const;
    const steps: Step[] = [
      { kind: 'write', path: join(folder, 'large1'), content: { kind: 'bytes', bytes } },
      { kind: 'write', path: join(folder, 'large2'), content },
    ];
    expect(await exchange(act(steps))).toMatchObject([{ kind: 'done' }]);
    const probes = [digestOf(join(folder, 'large1')), digestOf(join(folder, 'large2'))];
    const { answers } = await answersTo(...probes, askShell('ls "$TMPDIR"'));
    expect(answers).toMatchObject([{ sha256: sha256(bytes) }, { sha256: sha256(bytes) }, { stdout: '' }]);
  });

  it('keeps what it sends ahead in /tmp where the host has no other place', async () => {
    const content = { kind: 'bytes', bytes: new Uint8Array(100_000) } as const;
    const temporary = join(folder, 'tmp');
    rmSync(temporary, { recursive: true });
    writeFileSync(temporary, 'no folder');
    try {
      expect(await resultOf({ kind: 'write', path: join(folder, 'elsewhere'), content })).toMatchObject({
        kind: 'done',
      });
    } finally {
      rmSync(temporary);
      mkdirSync(temporary);
    }
  });

  it('replaces a link itself, and neither a folder nor a file in a missing one', async () => {
    writeFileSync(join(folder, 'pointed'), 'pointed');
    symlinkSync('pointed', join(folder, 'pointer'));
    const write = (name: string): Step => ({ kind: 'write', path: join(folder, name), content: bytesOf('x') });
    await exchange(act([write('pointer')]));
    expect((await answersTo(textOf(join(folder, 'pointed')), pathOf(join(folder, 'pointer')))).answers).toMatchObject([
      { text: 'pointed' },
      { entry: { type: 'file' } },
    ]);
    expect(await resultOf(write('place'))).toMatchObject({
      kind: 'stepFailed',
      stderr: `${folder}/place is a directory\n`,
    });
    expect(await resultOf(write('no/file'))).toMatchObject({
      kind: 'stepFailed',
      stderr: `the folder ${folder}/no/ does not exist\n`,
    });
  });

  it('lets a command refuse the new content, and keeps the old then', async () => {
    const path = join(folder, 'validated');
    writeFileSync(path, 'good');
    const validate = ['grep', '-q', 'good', '%s'];
    const refused = await resultOf({ kind: 'write', path, content: bytesOf('bad'), validate });
    expect(refused).toMatchObject({
      kind: 'stepFailed',
      stderr: `the new content of ${path} was refused by: grep -q good %s\n`,
    });
    expect(readFileSync(path, 'utf8')).toBe('good');
    expect(await resultOf({ kind: 'write', path, content: bytesOf('good too'), validate })).toMatchObject({
      kind: 'done',
    });
    expect(readFileSync(path, 'utf8')).toBe('good too');
  });

  it('is not held up by a child that keeps the streams open', async () => {
    const { kind, stdout } = await resultOf(runShell('(sleep 3; echo late) & echo "$!"'));
    expect(kind).toBe('done');
    process.kill(Number(stdout), 'SIGTERM');
  });
});
