import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostSession } from '../../src/connection/session.ts';
import type { ActSection, Section, SectionAnswer } from '../../src/contract/frame.ts';
import { ask, askShell, digestOf, type Probe, pathOf, textOf } from '../../src/contract/probe.ts';
import { bytesOf, run, runShell, type Step } from '../../src/contract/step.ts';
import { sha256 } from '../../src/core/digest.ts';
import { Secret } from '../../src/core/secret.ts';
import { localSession, makeFolder, SHELLS } from './local-shell.ts';
import { LOGIN } from './real-host.ts';

const ALL_BYTES = Uint8Array.from({ length: 1024 }, (_, index) => index % 256);
const ODD_NAMES = [
  "it's",
  'a b',
  '-n',
  '--help',
  'x\ny',
  'back\\slash',
  '$HOME',
  '`id`',
  'ü',
  '*',
  ' lead',
  'tail ',
  '"',
];

describe.each(SHELLS)('a session whose sh is %s', (shell) => {
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

  async function exchange(...sections: readonly Section[]): Promise<readonly SectionAnswer[]> {
    return session.exchange({ sections }, LOGIN);
  }
  async function answersTo(...probes: readonly Probe[]) {
    const [answer] = await exchange({ kind: 'ask', probes });
    if (answer?.kind !== 'answers') throw new Error(`got ${answer?.kind}`);
    return answer;
  }
  function act(steps: readonly Step[], more: Partial<ActSection> = {}): ActSection {
    return { kind: 'act', steps, after: [], onFailure: 'stop', ...more };
  }
  async function resultOf(step: Step) {
    const [answer] = await exchange(act([step]));
    if (answer?.kind !== 'done' && answer?.kind !== 'stepFailed') throw new Error(`got ${answer?.kind}`);
    const [result] = answer.results;
    if (!result) throw new Error('no result');
    return { kind: answer.kind, code: result.code, stdout: result.stdout, stderr: result.stderr };
  }

  it('tells what stands at a path, also for links, folders and devices', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, 'four');
    chmodSync(file, 0o4751);
    symlinkSync('no/where', join(folder, 'dangling'));
    const { answers } = await answersTo(
      pathOf(file),
      pathOf(join(folder, 'dangling')),
      pathOf(folder),
      pathOf('/dev/null'),
      pathOf(join(folder, 'missing')),
      pathOf(join(file, 'below a file')),
    );
    const shape = answers.map((answer) => {
      if (answer.kind !== 'path' || !answer.entry) return undefined;
      const { type, mode, owner, group, sizeBytes, target } = answer.entry;
      return { type, mode: mode.toString(8), owner, group, target, size: type === 'file' ? sizeBytes : undefined };
    });
    const root = { owner: 'root', group: 'root', target: undefined, size: undefined };
    expect(shape).toEqual([
      { ...root, type: 'file', mode: '4751', size: 4 },
      { ...root, type: 'symlink', mode: '777', target: 'no/where' },
      { ...root, type: 'directory', mode: '700' },
      { ...root, type: 'character', mode: '666' },
      undefined,
      undefined,
    ]);
  });

  it('reads names that shells and tools trip over', async () => {
    const odd = join(folder, 'odd');
    mkdirSync(odd, { recursive: true });
    for (const name of ODD_NAMES) {
      writeFileSync(join(odd, name), name);
      symlinkSync(name, join(odd, `link to ${name}`));
    }
    const probes = ODD_NAMES.flatMap((name) => [
      pathOf(join(odd, name)),
      pathOf(join(odd, `link to ${name}`)),
      digestOf(join(odd, name)),
      textOf(join(odd, name)),
      ask('printf', '%s', name),
    ]);
    const { answers } = await answersTo(...probes);
    const seen = answers.map((answer) => {
      if (answer.kind === 'path') return answer.entry?.target ?? answer.entry?.type;
      if (answer.kind === 'digest') return answer.sha256;
      return answer.kind === 'text' ? answer.text : answer.stdout;
    });
    expect(seen).toEqual(ODD_NAMES.flatMap((name) => ['file', name, sha256(name), name, name]));
  });

  it('gives every byte of a file, and nothing for what is no readable regular file', async () => {
    const file = join(folder, 'bytes');
    writeFileSync(file, ALL_BYTES);
    writeFileSync(join(folder, 'empty'), '');
    const { answers } = await answersTo(
      textOf(file),
      digestOf(file),
      textOf(join(folder, 'empty')),
      textOf(folder),
      digestOf(folder),
      digestOf('/dev/zero'),
      textOf(join(folder, 'missing')),
    );
    const [text, digest, empty, ...none] = answers;
    expect(text?.kind === 'text' && Buffer.from(text.bytes ?? []).equals(Buffer.from(ALL_BYTES))).toBe(true);
    expect(digest).toEqual({ kind: 'digest', sha256: sha256(ALL_BYTES) });
    expect(empty).toMatchObject({ text: '' });
    expect(
      none.map((answer) => (answer.kind === 'digest' ? answer.sha256 : answer.kind === 'text' && answer.text)),
    ).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('keeps output, error output and exit code of a command apart', async () => {
    const { answers } = await answersTo(
      askShell('printf out; printf err >&2; exit 3'),
      { ...ask('cat'), stdin: 'given\0bytes ü' },
      ask('cat'),
      ask('no-such-command'),
      askShell('kill -9 $$'),
      askShell('printf "%s" "$1"', 'first argument'),
      askShell("printf '\\377'"),
    );
    const shape = answers.map((answer) => answer.kind === 'command' && [answer.code, answer.stdout]);
    expect(shape).toEqual([
      [3, 'out'],
      [0, 'given\0bytes ü'],
      [0, ''],
      [127, ''],
      [137, ''],
      [0, 'first argument'],
      [0, '\ufffd'],
    ]);
    expect(answers[0]).toMatchObject({ stderr: 'err' });
    expect(answers[3]).toMatchObject({ stderr: expect.stringMatching(/no-such-command.*not found/) });
  });

  it('asks the same question of two sections once, and answers both', async () => {
    const counter = join(folder, 'counter');
    const probe = askShell('echo x >>"$1"; wc -l <"$1"', counter);
    const sections = [
      { kind: 'ask', probes: [probe, pathOf('/')] },
      { kind: 'ask', probes: [pathOf('/'), probe] },
    ] as const;
    const answers = await exchange(...sections);
    expect(readFileSync(counter, 'utf8')).toBe('x\n');
    expect(answers[0]).toMatchObject({ answers: [{ code: 0 }, { entry: { type: 'directory' } }] });
    expect(answers[1]).toMatchObject({ answers: [{ entry: { type: 'directory' } }, { code: 0 }] });
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
      directory: join(folder, 'odd'),
      environment: { A: "it's $A", SECRET: 'two\nlines' },
      stdin: new Secret("quo'ted"),
    });
    expect(result).toMatchObject({ kind: 'done', stdout: `${folder}/odd it's $A two\nlines\nquo'ted` });
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
      digestOf(join(folder, 'odd', 'x\ny')),
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
    const path = join(folder, 'odd', "new 'file'\n");
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
    const { answers } = await answersTo(...probes, askShell('ls -d /var/tmp/bench.?????? 2>/dev/null'));
    expect(answers).toMatchObject([{ sha256: sha256(bytes) }, { sha256: sha256(bytes) }, { stdout: '' }]);
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
    expect(await resultOf(write('odd'))).toMatchObject({
      kind: 'stepFailed',
      stderr: `${folder}/odd is a directory\n`,
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

  it('takes a script of several megabytes', async () => {
    const parts = Array.from({ length: 40 }, (_, index) => String(index).repeat(60_000));
    const { answers } = await answersTo(...parts.map((text) => ({ ...ask('wc', '-c'), stdin: text })));
    expect(answers.map((answer) => answer.kind === 'command' && Number(answer.stdout))).toEqual(
      parts.map((text) => text.length),
    );
  });
});
