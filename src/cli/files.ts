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

/**
 * The controller's disk. What was read of a file is kept while its size and time stay the same: every host asks for the
 * same files.
 */
export function diskFiles(): ControllerFiles {
  const texts = keptWhileSame((path) => readFileSync(path, 'utf8'));
  const contents = keptWhileSame((path) => readFile(path));
  const digests = keptWhileSame(digestFile, Number.POSITIVE_INFINITY);
  return {
    readText: texts,
    read: contents,
    sizeOf(path) {
      const entry = statSync(path, { throwIfNoEntry: false });
      return entry?.isFile() ? entry.size : undefined;
    },
    digestOf: digests,
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

/** Larger files are read again each time. */
const LARGEST_KEPT_BYTES = 1024 * 1024;

function keptWhileSame<T>(make: (path: string) => T, largestBytes = LARGEST_KEPT_BYTES): (path: string) => T {
  const kept = new Map<string, { readonly stamp: string; readonly value: T }>();
  return (path) => {
    const { size, mtimeMs, ino } = statSync(path);
    const stamp = `${size} ${mtimeMs} ${ino}`;
    const known = kept.get(path);
    if (known?.stamp === stamp) return known.value;
    const value = make(path);
    if (size <= largestBytes) kept.set(path, { stamp, value });
    return value;
  };
}

async function digestFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
