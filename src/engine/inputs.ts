import type { Input, LoadedInput } from '../contract/module.ts';
import { bytesOf } from '../contract/step.ts';
import { sha256 } from '../core/digest.ts';
import { BenchError } from '../core/errors.ts';
import { renderTemplate } from '../template/render.ts';
import { findInput } from './check/inputs.ts';
import type { ControllerFiles } from './options.ts';
import type { Scope } from './scope.ts';

/** Above this size a file is streamed from the disk and never held in memory. */
const LARGEST_HELD_BYTES = 64 * 1024;

/** Reads the controller's files that a task needs; `directory` is the task's. Templates are rendered with `scope`. */
export async function loadInputs(
  inputs: readonly Input[],
  directory: string,
  scope: Scope,
  files: ControllerFiles,
): Promise<readonly LoadedInput[]> {
  const loaded: LoadedInput[] = [];
  for (const input of inputs) loaded.push(await loadInput(input, directory, scope, files));
  return loaded;
}

async function loadInput(
  { kind, path }: Input,
  directory: string,
  scope: Scope,
  files: ControllerFiles,
): Promise<LoadedInput> {
  const found = findInput(path, kind, directory, (candidate) => files.sizeOf(candidate) !== undefined);
  const sizeBytes = found === undefined ? undefined : files.sizeOf(found);
  if (found === undefined || sizeBytes === undefined) {
    throw new BenchError('E_NO_FILE', `there is no ${kind} "${path}" for this task`, {
      hint: `put it into ${directory}/${kind}s/ or write its path from ${directory}`,
    });
  }
  if (kind === 'template') {
    const text = renderTemplate(files.readText(found), found, scope);
    return {
      path: found,
      content: bytesOf(text),
      sha256: sha256(text),
      sizeBytes: new TextEncoder().encode(text).length,
    };
  }
  if (sizeBytes > LARGEST_HELD_BYTES) {
    const digest = await files.digestOf(found);
    return {
      path: found,
      content: { kind: 'file', path: found, sizeBytes, sha256: digest },
      sha256: digest,
      sizeBytes,
    };
  }
  const bytes = await files.read(found);
  return { path: found, content: { kind: 'bytes', bytes }, sha256: sha256(bytes), sizeBytes: bytes.length };
}
