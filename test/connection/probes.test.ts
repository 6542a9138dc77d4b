import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostSession } from '../../src/connection/session.ts';
import { ask, askShell, digestOf, pathOf, textOf } from '../../src/contract/probe.ts';
import { sha256 } from '../../src/core/digest.ts';
import { localSession, makeFolder, SHELLS } from './local-shell.ts';
import { talkTo } from './talk.ts';

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

describe.each(SHELLS)('questions to a host whose sh is %s', (shell) => {
  let folder: string;
  let session: HostSession;
  const { exchange, answersTo } = talkTo(() => session);

  beforeAll(() => {
    folder = makeFolder();
    session = localSession(shell, folder);
  });
  afterAll(async () => {
    await session.close();
    rmSync(folder, { recursive: true });
  });

  it('tells what stands at a path, also for links, folders and devices', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, 'four');
    chmodSync(file, 0o4751);
    symlinkSync('no/where', join(folder, 'dangling'));
    const shared = join(folder, 'shared');
    mkdirSync(shared);
    chmodSync(shared, 0o3775);
    const { answers } = await answersTo(
      pathOf(file),
      pathOf(join(folder, 'dangling')),
      pathOf(folder),
      pathOf('/dev/null'),
      pathOf(shared),
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
      { ...root, type: 'directory', mode: '3775' },
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

  it('takes a script of several megabytes', async () => {
    const parts = Array.from({ length: 40 }, (_, index) => String(index).repeat(60_000));
    const { answers } = await answersTo(...parts.map((text) => ({ ...ask('wc', '-c'), stdin: text })));
    expect(answers.map((answer) => answer.kind === 'command' && Number(answer.stdout))).toEqual(
      parts.map((text) => text.length),
    );
  });
});
