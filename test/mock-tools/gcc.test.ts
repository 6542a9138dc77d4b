import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const gcc = fileURLToPath(new URL('../../lab/mock/rpms/gcc/gcc', import.meta.url));
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-gcc-'));
  await mkdir(join(folder, 'usr/lib64'), { recursive: true });
  await writeFile(join(folder, 'a.c'), 'int main(void) { return 0; }\n');
});
afterEach(() => rm(folder, { recursive: true }));

function compile(...args: readonly string[]): { readonly code: number | null; readonly err: string } {
  const env = { MOCK_ROOT: folder, PATH: '/usr/bin:/bin' };
  const { status, stderr } = spawnSync(gcc, args, { cwd: folder, env, encoding: 'utf8' });
  return { code: status, err: stderr.trim() };
}

it('makes an executable that says which sources it stands for', () => {
  expect(compile('-O2', '-Wall', '-o', 'prog', 'a.c', '-lm')).toEqual({ code: 0, err: '' });
  const run = spawnSync(join(folder, 'prog'), { encoding: 'utf8' });
  expect([run.status, run.stdout]).toEqual([0, 'stands for prog, compiled from a.c\n']);
});

it('makes another executable when a source has changed', async () => {
  compile('-o', 'one', 'a.c');
  await writeFile(join(folder, 'a.c'), 'int main(void) { return 1; }\n');
  compile('-o', 'two', 'a.c');
  const [one, two] = await Promise.all(['one', 'two'].map((name) => readFile(join(folder, name), 'utf8')));
  expect(one?.replaceAll('one', 'two')).not.toBe(two);
});

it('fails as gcc does on a source that is not there', () => {
  expect(compile('-o', 'prog', 'b.c')).toEqual({
    code: 1,
    err: [
      'gcc: error: b.c: No such file or directory',
      'gcc: fatal error: no input files',
      'compilation terminated.',
    ].join('\n'),
  });
});

it('links statically only where the static libraries are', async () => {
  const linkStatic = ['-static', '-o', 'prog', 'a.c', '-lm'];
  expect(compile(...linkStatic)).toMatchObject({ code: 1, err: expect.stringContaining('cannot find -lm') });
  for (const name of ['libc.a', 'libm.a']) await writeFile(join(folder, 'usr/lib64', name), '');
  expect(compile(...linkStatic)).toEqual({ code: 0, err: '' });
});
