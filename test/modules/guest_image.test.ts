import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '../../src/core/digest.ts';
import { guest_image } from '../../src/modules/guest_image.ts';
import { openLocalHost } from '../contract/local-host.ts';

const here = openLocalHost();
afterAll(() => here.close());

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-image-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const at = (name: string) => join(folder, name);
const task = (more: object = {}) => ({
  path: at('guest.img'),
  build: ['sh', '-c', 'printf "%s" "an image" >"$1.part"; mv "$1.part" "$1"', 'sh', at('guest.img')],
  clones: [at('luns/g1.img'), at('g2.img')],
  ...more,
});

describe('guest_image', () => {
  test('builds the image once and gives every guest an equal copy', async () => {
    const made = await here.converge(guest_image, task());
    expect(made.changes.map(({ what, after }) => `${what.replace(folder, '')}: ${after}`)).toEqual([
      '/guest.img: built',
      '/guest.img.sha256: recorded',
      '/luns/g1.img: a copy of the image',
      '/g2.img: a copy of the image',
    ]);
    expect(made.after).toEqual([]);
    expect(made.result).toMatchObject({ sha256: sha256('an image') });
    expect([readFileSync(at('luns/g1.img'), 'utf8'), readFileSync(at('g2.img'), 'utf8')]).toEqual([
      'an image',
      'an image',
    ]);
    expect((await here.converge(guest_image, task())).changes).toEqual([]);
  });

  test('leaves a disk alone on which a guest has written since', async () => {
    await here.converge(guest_image, task());
    writeFileSync(at('g2.img'), 'an image with records');
    expect((await here.converge(guest_image, task())).changes).toEqual([]);
  });

  test('writes into a fresh LUN and leaves its size as it is', async () => {
    writeFileSync(at('g2.img'), Buffer.alloc(4096));
    await here.converge(guest_image, task());
    const disk = readFileSync(at('g2.img'));
    expect([disk.length, disk.subarray(0, 8).toString()]).toEqual([4096, 'an image']);
  });

  test('refuses a disk that holds something else, and overwrites it when told to', async () => {
    writeFileSync(at('g2.img'), 'somebody else');
    await expect(here.converge(guest_image, task())).rejects.toThrow(
      `${at('g2.img')} holds something that this task has not written`,
    );
    expect(existsSync(at('guest.img'))).toBe(false);
    await here.converge(guest_image, task({ replace: true }));
    expect(readFileSync(at('g2.img'), 'utf8')).toBe('an image else');
  });

  test('keeps copies of an earlier image until it is told to replace them', async () => {
    await here.converge(guest_image, task());
    writeFileSync(at('guest.img'), 'an other');
    rmSync(at('guest.img.sha256'));
    expect((await here.converge(guest_image, task())).changes.map(({ after }) => after)).toEqual(['recorded']);
    const replaced = await here.converge(guest_image, task({ replace: true }));
    expect(replaced.changes).toHaveLength(2);
    expect(replaced.changes[0]?.before).toBe(`a copy of ${sha256('an image').slice(0, 12)}`);
    expect([readFileSync(at('g2.img'), 'utf8'), replaced.after]).toEqual(['an other', []]);
  });

  test('does not take an image for another one than the one asked for', async () => {
    await here.converge(guest_image, task());
    const other = sha256('another');
    await expect(here.converge(guest_image, task({ sha256: other }))).rejects.toThrow(
      `has SHA-256 ${sha256('an image')}`,
    );
  });

  test('says when nothing tells how to make the image', async () => {
    await expect(here.converge(guest_image, { path: at('guest.img') })).rejects.toThrow('nothing says how to make it');
  });

  test('wants the digest of what it fetches, and one source only', () => {
    const refused = (params: object) => guest_image.params.safeParse(params).error?.issues[0]?.message;
    expect(refused({ path: '/i', url: 'https://example.com/i' })).toBe('an image that is fetched needs its "sha256"');
    expect(refused({ path: '/i', url: 'https://example.com/i', build: ['x'] })).toBe('give "build" or "url", not both');
  });
});
