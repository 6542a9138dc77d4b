import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LoadedInput } from '../../src/contract/module.ts';
import { bytesOf } from '../../src/contract/step.ts';
import { sha256 } from '../../src/core/digest.ts';
import { blockinfile } from '../../src/modules/blockinfile.ts';
import { copy } from '../../src/modules/copy.ts';
import { file } from '../../src/modules/file.ts';
import { get_url } from '../../src/modules/get_url.ts';
import { known_hosts } from '../../src/modules/known_hosts.ts';
import { lineinfile } from '../../src/modules/lineinfile.ts';
import { mount } from '../../src/modules/mount.ts';
import { ssh_keypair } from '../../src/modules/ssh_keypair.ts';
import { stat } from '../../src/modules/stat.ts';
import { template } from '../../src/modules/template.ts';
import { openLocalHost } from './local-host.ts';

const here = openLocalHost();
afterAll(() => here.close());

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-modules-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const at = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(at(name), 'utf8');
const modeOf = (name: string) => statSync(at(name)).mode & 0o7777;
const input = (path: string, text: string): LoadedInput => ({
  path,
  content: bytesOf(text),
  sha256: sha256(text),
  sizeBytes: text.length,
});

describe('after its steps ran on a real machine, nothing is left to do for', () => {
  test('file: a directory, its tree, a link, an empty file, and their removal', async () => {
    const made = await here.converge(file, { path: at('a/b'), state: 'directory', mode: '2750' });
    expect(made).toMatchObject({
      changes: [{ after: 'directory 2750' }],
      after: [],
      result: { state: 'directory', mode: '2750' },
    });
    expect((await here.converge(file, { path: at('a/b'), state: 'directory', mode: '0750' })).after).toEqual([]);
    expect(modeOf('a/b')).toBe(0o750);
    writeFileSync(at('a/b/one'), 'x', { mode: 0o600 });
    writeFileSync(at('a/b/two words'), 'x', { mode: 0o700 });
    symlinkSync('one', at('a/b/link'));
    const tree = await here.converge(file, { path: at('a'), state: 'directory', mode: 'u=rwX,go=rX', recurse: true });
    expect(tree.after).toEqual([]);
    expect(tree.changes.map(({ what }) => what)).toContain(`mode of 3 entries below ${at('a')}`);
    expect([modeOf('a/b/one'), modeOf('a/b/two words'), modeOf('a/b')]).toEqual([0o644, 0o755, 0o755]);
    expect(
      (await here.converge(file, { path: at('a'), state: 'directory', mode: '0700', recurse: true })).after,
    ).toEqual([]);
    expect((await here.converge(file, { path: at('link'), state: 'link', src: 'a/b' })).after).toEqual([]);
    expect((await here.converge(file, { path: at('link'), state: 'link', src: 'a' })).after).toEqual([]);
    const touched = await here.converge(file, { path: at('empty'), state: 'touch', mode: 'u=rw,go=' });
    expect(touched).toMatchObject({ after: [], result: { state: 'file', mode: '0600' } });
    for (const name of ['link', 'empty', 'a'])
      expect((await here.converge(file, { path: at(name), state: 'absent' })).after).toEqual([]);
  });

  test('copy: new, changed, with another mode, into a folder, in place of a link', async () => {
    const params = { content: 'one\n', dest: at('x'), mode: '0600' };
    expect(await here.converge(copy, params)).toMatchObject({ changes: [{ after: 'one\n' }], after: [] });
    expect(modeOf('x')).toBe(0o600);
    expect(await here.converge(copy, { ...params, content: 'two\n' })).toMatchObject({
      changes: [{ before: 'one\n', after: 'two\n' }],
      after: [],
    });
    expect(await here.converge(copy, { ...params, content: 'two\n', mode: 'a+r' })).toMatchObject({
      changes: [{ before: '0600', after: '0644' }],
      after: [],
    });
    expect((await here.converge(copy, { src: 'files/y', dest: `${folder}/` }, [input('files/y', 'y')])).after).toEqual(
      [],
    );
    symlinkSync('x', at('link'));
    expect((await here.converge(copy, { content: 'three\n', dest: at('link') })).after).toEqual([]);
    expect([read('y'), read('link'), read('x')]).toEqual(['y', 'three\n', 'two\n']);
  });

  test('copy: a large file, which is compared by its digest alone', async () => {
    const text = 'x'.repeat(100_000);
    const made = await here.converge(copy, { src: 'big', dest: at('big') }, [input('big', text)]);
    expect(made).toMatchObject({
      changes: [{ after: `100000 bytes, sha256 ${sha256(text).slice(0, 16)}` }],
      after: [],
      result: { size: 100_000 },
    });
  });

  test('copy: a backup keeps the old text', async () => {
    writeFileSync(at('x'), 'old');
    expect((await here.converge(copy, { content: 'new', dest: at('x'), backup: true })).after).toEqual([]);
    const backups = readdirSync(folder).filter((name) => name.startsWith('x.') && name.endsWith('~'));
    expect(backups.map(read)).toEqual(['old']);
  });

  test('template: a rendered text that a command accepts; what it refuses leaves the old one', async () => {
    const params = { src: 'a.hbs', dest: at('a'), validate: 'grep -q good %s' };
    expect((await here.converge(template, params, [input('a.hbs', 'good\n')])).after).toEqual([]);
    await expect(here.converge(template, params, [input('a.hbs', 'bad\n')])).rejects.toThrow('grep -q good');
    expect(read('a')).toBe('good\n');
  });

  test('lineinfile: made, replaced, behind a link, taken out', async () => {
    expect((await here.converge(lineinfile, { path: at('c'), line: 'A=1', create: true })).after).toEqual([]);
    expect((await here.converge(lineinfile, { path: at('c'), regexp: '^A=', line: 'A=2' })).after).toEqual([]);
    expect((await here.converge(lineinfile, { path: at('c'), line: 'B=1', insertbefore: '^A=' })).after).toEqual([]);
    symlinkSync('c', at('link'));
    chmodSync(at('c'), 0o640);
    expect((await here.converge(lineinfile, { path: at('link'), line: 'C=1' })).after).toEqual([]);
    expect([read('c'), modeOf('c')]).toEqual(['B=1\nA=2\nC=1\n', 0o640]);
    expect((await here.converge(lineinfile, { path: at('c'), regexp: '=1$', state: 'absent' })).after).toEqual([]);
    expect(read('c')).toBe('A=2\n');
  });

  test('blockinfile: put in, changed, taken out', async () => {
    writeFileSync(at('hosts'), '127.0.0.1 localhost');
    expect((await here.converge(blockinfile, { path: at('hosts'), block: 'a\nb' })).after).toEqual([]);
    expect((await here.converge(blockinfile, { path: at('hosts'), block: 'c' })).after).toEqual([]);
    expect(read('hosts')).toBe('127.0.0.1 localhost\n# BEGIN bench managed block\nc\n# END bench managed block\n');
    expect((await here.converge(blockinfile, { path: at('hosts'), state: 'absent' })).after).toEqual([]);
    expect(read('hosts')).toBe('127.0.0.1 localhost\n');
  });

  test('known_hosts: known, known by another key, forgotten', async () => {
    const params = { name: 'xen2', path: at('known') };
    expect((await here.converge(known_hosts, { ...params, key: 'ssh-ed25519 AAAAC3Nza1' })).after).toEqual([]);
    expect((await here.converge(known_hosts, { ...params, key: 'ssh-ed25519 AAAAC3Nza2' })).after).toEqual([]);
    expect(read('known')).toBe('xen2 ssh-ed25519 AAAAC3Nza2\n');
    expect((await here.converge(known_hosts, { ...params, state: 'absent' })).after).toEqual([]);
    expect(read('known')).toBe('');
  });

  test('mount: a line of a table', async () => {
    writeFileSync(at('fstab'), '# table\n');
    const params = { path: at('my mount'), src: '/dev/null', fstype: 'ext4', fstab: at('fstab') };
    expect((await here.converge(mount, { ...params, state: 'present' })).after).toEqual([]);
    expect((await here.converge(mount, { ...params, state: 'present', opts: 'noauto' })).after).toEqual([]);
    expect(read('fstab')).toBe(`# table\n/dev/null ${folder}/my\\040mount ext4 noauto 0 0\n`);
    expect((await here.converge(mount, { ...params, state: 'absent' })).after).toEqual([]);
  });

  test('stat: told of a file, and of nothing', async () => {
    writeFileSync(at('s'), 'hello\n', { mode: 0o640 });
    expect((await here.converge(stat, { path: at('s') })).result).toMatchObject({
      stat: { exists: true, isreg: true, size: 6, mode: '0640', checksum: sha256('hello\n') },
    });
    expect((await here.converge(stat, { path: at('none') })).result).toMatchObject({ stat: { exists: false } });
  });
});

/** Tools that not every machine has. */
const hasTool = (name: string) =>
  process.env['PATH']?.split(':').some((path) => statSync(join(path, name), { throwIfNoEntry: false })) ?? false;

test.runIf(hasTool('ssh-keygen'))('a key pair is made once, and its lost public half is derived again', async () => {
  const params = { path: at('.ssh/id_ed25519'), comment: 'root@xen1' };
  const made = await here.converge(ssh_keypair, params);
  expect(made.after).toEqual([]);
  expect(made.result['public_key']).toMatch(/^ssh-ed25519 AAAA\S+ root@xen1$/);
  expect([modeOf('.ssh'), modeOf('.ssh/id_ed25519')]).toEqual([0o700, 0o600]);
  rmSync(at('.ssh/id_ed25519.pub'));
  const derived = await here.converge(ssh_keypair, params);
  expect(derived).toMatchObject({ changes: [{ after: 'derived from the private key' }], after: [] });
  expect(derived.result['public_key']).toBe(made.result['public_key']);
});

test.runIf(hasTool('curl'))(
  'a file is fetched when its digest is right, and the old one stays when it is not',
  async () => {
    mkdirSync(at('web'));
    writeFileSync(at('web/a'), 'hello\n');
    const params = {
      url: `file://${at('web/a')}`,
      dest: at('a'),
      checksum: `sha256:${sha256('hello\n')}`,
      mode: '0600',
    };
    expect((await here.converge(get_url, params)).after).toEqual([]);
    expect([read('a'), modeOf('a')]).toEqual(['hello\n', 0o600]);
    await expect(here.converge(get_url, { ...params, checksum: `sha256:${'0'.repeat(64)}` })).rejects.toThrow(
      'expected 0000',
    );
    expect(read('a')).toBe('hello\n');
  },
);
