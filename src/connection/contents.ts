import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { Frame } from '../contract/frame.ts';
import type { WriteStep } from '../contract/step.ts';
import { sha256 } from '../core/digest.ts';
import { PreconditionError } from '../core/errors.ts';
import type { PreparedContent } from './compile-steps.ts';
import type { Upload } from './shell.ts';

/** Content up to this size travels within the script; more is sent before it. */
const INLINE_BYTES = 64 * 1024;

export interface PreparedFrame {
  readonly contentOf: (step: WriteStep) => PreparedContent;
  readonly uploads: readonly Upload[];
}

/** Reads what is small and plans to send what is large. Throws `PreconditionError` where a file is not what it was. */
export async function prepareContents(frame: Frame): Promise<PreparedFrame> {
  const prepared = new Map<WriteStep, PreparedContent>();
  const uploads: Upload[] = [];
  for (const section of frame.sections) {
    for (const step of section.kind === 'act' ? section.steps : []) {
      if (step.kind === 'write' && !prepared.has(step)) prepared.set(step, await prepare(step, uploads));
    }
  }
  return {
    uploads,
    contentOf(step) {
      const content = prepared.get(step);
      if (!content) throw new Error(`content of ${step.path} was not prepared`);
      return content;
    },
  };
}

async function prepare({ content }: WriteStep, uploads: Upload[]): Promise<PreparedContent> {
  const name = `content-${uploads.length}`;
  if (content.kind === 'bytes') {
    const { bytes } = content;
    if (bytes.length <= INLINE_BYTES) return { kind: 'inline', bytes };
    uploads.push({ name, sizeBytes: bytes.length, pieces: () => once(bytes) });
    return { kind: 'sent', name, sha256: sha256(bytes) };
  }
  const { path, sizeBytes } = content;
  const { size } = await stat(path);
  if (size !== sizeBytes) throw changed(path);
  if (sizeBytes <= INLINE_BYTES) {
    const bytes = await readFile(path);
    if (sha256(bytes) !== content.sha256) throw changed(path);
    return { kind: 'inline', bytes };
  }
  uploads.push({ name, sizeBytes, pieces: () => exactly(path, sizeBytes) });
  return { kind: 'sent', name, sha256: content.sha256 };
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

/** The file's bytes; throws when it is no longer as long as it was said to be, before the host waits for more. */
async function* exactly(path: string, sizeBytes: number): AsyncIterable<Uint8Array> {
  let rest = sizeBytes;
  for await (const piece of createReadStream(path, { highWaterMark: 256 * 1024, end: sizeBytes - 1 })) {
    if (!(piece instanceof Uint8Array)) continue;
    rest -= piece.length;
    yield piece;
  }
  if (rest !== 0) throw changed(path);
}

function changed(path: string): PreconditionError {
  return new PreconditionError(`${path} changed while it was about to be sent`, 'run again once nothing writes to it');
}
