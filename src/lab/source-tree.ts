import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../core/digest.ts';

export interface SourceFile {
  /** Relative to the tree's root, with `/`. */
  readonly path: string;
  readonly executable: boolean;
  readonly content: Uint8Array;
}

/** Files that tools leave behind and that never belong to a build's inputs. */
const leftover = /(^|\/)(__pycache__(\/|$)|\.)|\.pyc$|~$/;

/** Every file below a folder. */
export async function readSourceTree(folder: string): Promise<readonly SourceFile[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !leftover.test(path.slice(folder.length + 1)));
  return Promise.all(
    files.map(async (path) => ({
      path: path.slice(folder.length + 1),
      executable: ((await stat(path)).mode & 0o100) !== 0,
      content: await readFile(path),
    })),
  );
}

/** Twelve hexadecimal digits that change with any file's name, contents or executable bit, and with the salt. */
export function digestOfSources(files: readonly SourceFile[], salt = ''): string {
  const lines = files.map((file) => `${file.path} ${file.executable ? 'x' : '-'} ${sha256(file.content)}\n`).sort();
  return sha256(lines.join('') + salt).slice(0, 12);
}
