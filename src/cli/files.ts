import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { BenchError, messageOf } from '../core/errors.ts';
import type { ControllerFiles } from '../engine/options.ts';

/** Folder that holds bench's own playbooks, templates and lab files. */
export const ownDirectory = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** The controller's disk. Digests are kept while a file's size and time stay the same. */
export function diskFiles(): ControllerFiles {
  const digests = new Map<string, { readonly stamp: string; readonly digest: Promise<string> }>();
  return {
    readText: (path) => readFileSync(path, 'utf8'),
    read: (path) => readFile(path),
    sizeOf(path) {
      const entry = statSync(path, { throwIfNoEntry: false });
      return entry?.isFile() ? entry.size : undefined;
    },
    digestOf(path) {
      const { size, mtimeMs } = statSync(path);
      const stamp = `${size} ${mtimeMs}`;
      const known = digests.get(path);
      if (known?.stamp === stamp) return known.digest;
      const digest = digestFile(path);
      digests.set(path, { stamp, digest });
      return digest;
    },
    async write(path, bytes) {
      try {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, bytes);
      } catch (cause) {
        throw new BenchError('E_CONTROLLER_FILE', `cannot write ${path}: ${messageOf(cause)}`, { cause });
      }
    },
  };
}

async function digestFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
