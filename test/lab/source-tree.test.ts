import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { digestOfSources, readSourceTree, type SourceFile } from '../../src/lab/source-tree.ts';

const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);
const file: SourceFile = { path: 'a', executable: false, content: bytes('one') };
const other: SourceFile = { path: 'b', executable: false, content: bytes('two') };

it('the digest of sources changes with a name, a content, an executable bit and the salt', () => {
  const digests = [
    digestOfSources([file]),
    digestOfSources([{ ...file, path: 'c' }]),
    digestOfSources([{ ...file, content: bytes('One') }]),
    digestOfSources([{ ...file, executable: true }]),
    digestOfSources([file], 'salt'),
  ];
  expect(new Set(digests).size).toBe(digests.length);
  expect(digests[0]).toMatch(/^[0-9a-f]{12}$/);
});

it('the digest of sources does not depend on the order in which they were read', () => {
  expect(digestOfSources([file, other])).toBe(digestOfSources([other, file]));
});

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-sources-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('a source tree is its files at any depth, without what tools leave behind', async () => {
  await mkdir(join(folder, 'deep/__pycache__'), { recursive: true });
  await writeFile(join(folder, 'plain'), 'text');
  await writeFile(join(folder, 'deep/tool'), '#!/bin/sh');
  await chmod(join(folder, 'deep/tool'), 0o755);
  await writeFile(join(folder, 'deep/__pycache__/tool.pyc'), '');
  await writeFile(join(folder, '.plain.swp'), '');
  const files = await readSourceTree(folder);
  const seen = files.map(({ path, executable, content }) => [path, executable, new TextDecoder().decode(content)]);
  expect(seen.sort()).toEqual([
    ['deep/tool', true, '#!/bin/sh'],
    ['plain', false, 'text'],
  ]);
});
