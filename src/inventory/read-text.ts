import type { Diagnostic } from '../core/diagnostic.ts';
import { messageOf } from '../core/errors.ts';
import type { InventoryFiles } from './files.ts';

/** Largest file that is taken for an inventory or for variables: past it, it is something else by mistake. */
export const MOST_BYTES = 8 * 1024 * 1024;

export type ReadText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'fault'; readonly diagnostic: Diagnostic };

const REASON: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory; name a file in it',
  ENOTDIR: 'a part of the path is no directory',
  ELOOP: 'its symbolic links run in a circle',
};

/** A file as UTF-8 text, or why it is none. */
export function readText(files: InventoryFiles, file: string): ReadText {
  let bytes: Uint8Array;
  try {
    bytes = files.readFile(file, MOST_BYTES);
  } catch (thrown) {
    const reason = REASON[errorCode(thrown)] ?? messageOf(thrown);
    return fault('E_INVENTORY_FILE', `cannot read ${file}: ${reason}`);
  }
  if (bytes.length > MOST_BYTES) {
    return fault('E_INVENTORY_TOO_LARGE', `${file} is larger than ${MOST_BYTES / 1024 / 1024} MiB`);
  }
  const text = new TextDecoder().decode(bytes);
  const isUtf8 = Buffer.from(bytes)
    .subarray(hasMark(bytes) ? 3 : 0)
    .equals(Buffer.from(text));
  const bad = isUtf8 ? text.indexOf('\0') : text.indexOf('\uFFFD');
  if (bad < 0) return { kind: 'text', text };
  const before = text.slice(0, bad).split('\n');
  const at = { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  const message = isUtf8 ? 'this is a binary file: it holds a zero byte' : 'these bytes are no UTF-8 text';
  const hint = isUtf8 ? undefined : `iconv -f latin1 -t utf-8 ${file}`;
  return { kind: 'fault', diagnostic: { code: 'E_INVENTORY_BINARY', at, message, ...(hint && { hint }) } };
}

function hasMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

function fault(code: string, message: string): ReadText {
  return { kind: 'fault', diagnostic: { code, message } };
}

/** `ENOENT` and its like; empty for what is no error of the system. */
export function errorCode(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
}
