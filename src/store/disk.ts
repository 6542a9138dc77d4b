import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync, symlinkSync } from 'node:fs';
import { linesOf } from '../core/text.ts';

/** `ENOENT` and its like; empty for what is no error of the system. */
export function errorCode(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
}

/** Points a symbolic link elsewhere in one moment: at no time is there none. */
export function pointTo(link: string, target: string): void {
  const fresh = `${link}.${target}`;
  symlinkSync(target, fresh);
  renameSync(fresh, link);
}

const TAIL_BYTES = 256 * 1024;

/** The last lines of a file that may be large: at least one whole line, where the file has any. */
export function lastLines(path: string): string[] {
  if (!existsSync(path)) return [];
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    for (let wanted = TAIL_BYTES; ; wanted *= 8) {
      const start = Math.max(0, size - wanted);
      const bytes = new Uint8Array(size - start);
      readSync(file, bytes, 0, bytes.length, start);
      const lines = linesOf(new TextDecoder().decode(bytes));
      if (start === 0) return lines;
      if (lines.length > 1) return lines.slice(1);
    }
  } finally {
    closeSync(file);
  }
}
