import { z } from 'zod';
import type { LoadedInput } from '../../contract/module.ts';
import { type Answer, digestOf, type PathEntry, type Probe, pathOf, textOf } from '../../contract/probe.ts';
import { bytesOf, type Change, type Content, runShell, type Step, type WriteStep } from '../../contract/step.ts';
import { sha256 } from '../../core/digest.ts';
import { BenchError, PreconditionError } from '../../core/errors.ts';
import { type Attributes, planAttributes, targetMode } from './attributes.ts';
import { isCommand, splitWords } from './words.ts';

/** Up to this size the old text is read for the diff; larger files are compared by digest. */
const LARGEST_SHOWN_BYTES = 64 * 1024;

/** Parameters that `copy` and `template` share, to be spread into their schemas. */
export const fileParams = {
  validate: z
    .string()
    .refine(isCommand, 'not a command')
    .refine((text) => text.includes('%s'), 'needs "%s" where the path of the new file goes')
    .optional()
    .meta({
      description: 'Command that must accept the new file before it takes its place; `%s` stands for its path.',
      examples: ['visudo -cf %s'],
    }),
  backup: z
    .boolean()
    .default(false)
    .describe('Keep the old file beside the new one, its name ending in the time and "~".'),
  force: z.boolean().default(true).describe('Replace a file that differs. `false` writes only where none is there.'),
};

/** A `dest` that ends in "/" gets the source's name behind it. */
export function pathInFolder(dest: string, src: string | undefined): string {
  if (!dest.endsWith('/') || src === undefined) return dest;
  return dest + src.slice(src.lastIndexOf('/') + 1);
}

/** What a file shall hold. */
export interface FileWish {
  readonly path: string;
  readonly content: Content;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly attributes: Attributes;
  readonly validate?: string | undefined;
  /** Keep the old file beside the new one, its name ending in the time and `~`. */
  readonly backup?: boolean | undefined;
  /** An existing file is left as it is. */
  readonly onlyWhenMissing?: boolean | undefined;
}

/** What stands at the path now. */
export interface FileState {
  readonly entry: PathEntry | undefined;
  readonly sha256: string | undefined;
  /** Undefined where it is no text, or too large to be asked for. */
  readonly text: string | undefined;
}

export function contentOf(text: string): Pick<FileWish, 'content' | 'sha256' | 'sizeBytes'> {
  const content = bytesOf(text);
  return { content, sha256: sha256(text), sizeBytes: content.kind === 'bytes' ? content.bytes.length : 0 };
}

/** The first input of a task whose schema asks for exactly one. */
export function contentOfInput([input]: readonly LoadedInput[]): Pick<FileWish, 'content' | 'sha256' | 'sizeBytes'> {
  if (!input) throw new BenchError('E_NO_INPUT', 'the file to copy was not loaded');
  return { content: input.content, sha256: input.sha256, sizeBytes: input.sizeBytes };
}

export function probeFile(path: string, sizeBytes: number): readonly Probe[] {
  return [pathOf(path), sizeBytes <= LARGEST_SHOWN_BYTES ? textOf(path) : digestOf(path)];
}

export function readFile(answers: readonly Answer[]): FileState {
  const entry = answers.find((answer) => answer.kind === 'path')?.entry;
  const bytes = answers.find((answer) => answer.kind === 'text')?.bytes;
  const digest = answers.find((answer) => answer.kind === 'digest')?.sha256;
  return { entry, sha256: bytes ? sha256(bytes) : digest, text: bytes && decodeText(bytes) };
}

/** Everything between a file's state and the wish. Throws `PreconditionError` where something else than a file stands. */
export function planFile(state: FileState, wish: FileWish): readonly Change[] {
  const { entry } = state;
  const { path, attributes } = wish;
  if (!entry) return [contentChange(state, wish)];
  if (entry.type === 'directory')
    throw new PreconditionError(`${path} is a directory`, `end it with "/" to put the file into it`);
  if (entry.type !== 'file' && entry.type !== 'symlink')
    throw new PreconditionError(`${path} is a ${entry.type}, not a file`);
  if (wish.onlyWhenMissing) return [];
  if (entry.type === 'symlink') return [contentChange(state, wish)];
  const changes = planAttributes(path, entry, attributes);
  if (state.sha256 === wish.sha256) return changes;
  // The write sets them all in one moment; they are listed so that the reader sees them.
  return [contentChange(state, wish), ...changes.map((change) => ({ ...change, steps: [] }))];
}

function contentChange(state: FileState, wish: FileWish): Change {
  const { entry } = state;
  const shared = { what: entry ? `content of ${wish.path}` : `file ${wish.path}`, steps: writeSteps(state, wish) };
  const after = wish.content.kind === 'bytes' ? decodeText(wish.content.bytes) : undefined;
  const isShown = after !== undefined && wish.sizeBytes <= LARGEST_SHOWN_BYTES;
  if (entry?.type === 'symlink') {
    return { ...shared, before: `link to ${entry.target ?? '?'}`, after: summaryOf(wish.sha256, wish.sizeBytes) };
  }
  if (isShown && (!entry || state.text !== undefined)) return { ...shared, before: state.text, after, isText: true };
  const before = entry && summaryOf(state.sha256, entry.sizeBytes);
  return { ...shared, before, after: summaryOf(wish.sha256, wish.sizeBytes) };
}

function writeSteps({ entry }: FileState, wish: FileWish): Step[] {
  const { mode, owner, group } = wish.attributes;
  const write: WriteStep = {
    kind: 'write',
    path: wish.path,
    content: wish.content,
    ...(mode !== undefined && { mode: targetMode(mode, entry?.type === 'file' ? entry.mode : 0o644, 'file') }),
    ...(owner !== undefined && { owner: String(owner) }),
    ...(group !== undefined && { group: String(group) }),
    ...(wish.validate !== undefined && { validate: splitWords(wish.validate) ?? [] }),
  };
  if (!wish.backup || entry?.type !== 'file') return [write];
  return [runShell('cp -p -- "$1" "$1.$(date +%Y-%m-%d@%H:%M:%S)~"', wish.path), write];
}

function summaryOf(digest: string | undefined, sizeBytes: number): string {
  return `${sizeBytes} bytes, sha256 ${digest?.slice(0, 16) ?? 'unknown'}`;
}

/** Undefined for bytes that are no UTF-8 text. */
function decodeText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** What `register` keeps of a written file. */
export function fileResult(path: string, { entry, sha256: checksum }: FileState): Readonly<Record<string, unknown>> {
  return { dest: path, checksum: checksum ?? null, size: entry?.sizeBytes ?? null };
}
