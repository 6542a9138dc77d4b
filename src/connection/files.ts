import { glob, readFile, stat } from 'node:fs/promises';

/** The controller's files, as far as connecting reads them. */
export interface Files {
  /** Undefined when there is no such file. Rejects when it cannot be read. */
  readText(path: string): Promise<string | undefined>;
  /** Files that a pattern of a shell stands for, sorted. */
  matching(pattern: string): Promise<readonly string[]>;
  /** Permission bits and owner; undefined when there is no such file. */
  modeOf(path: string): Promise<{ readonly mode: number; readonly uid: number } | undefined>;
}

export const realFiles: Files = {
  readText: (path) => orMissing(readFile(path, 'utf8')),
  async matching(pattern) {
    const found: string[] = [];
    for await (const path of glob(pattern)) found.push(path);
    return found.sort();
  },
  async modeOf(path) {
    const found = await orMissing(stat(path));
    return found && { mode: found.mode & 0o7777, uid: found.uid };
  },
};

async function orMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** The `code` of a system error. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
