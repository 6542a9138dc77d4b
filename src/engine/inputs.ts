import type { Input, LoadedInput } from '../contract/module.ts';
import { bytesOf } from '../contract/step.ts';
import { DiagnosticError } from '../core/diagnostic.ts';
import { sha256 } from '../core/digest.ts';
import type { TaskEntry } from '../playbook/play.ts';
import { renderTemplate } from '../template/render.ts';
import { findInput, inputCandidates } from './check/inputs.ts';
import type { ControllerFiles } from './options.ts';
import type { Scope } from './scope.ts';

/** Above this size a file is streamed from the disk and never held in memory. */
const LARGEST_HELD_BYTES = 64 * 1024;

/** Reads the controller's files that a task needs. Templates are rendered with `scope`. */
export async function loadInputs(
  inputs: readonly Input[],
  task: Pick<TaskEntry, 'directory' | 'args'>,
  scope: Scope,
  files: ControllerFiles,
): Promise<readonly LoadedInput[]> {
  const loaded: LoadedInput[] = [];
  for (const input of inputs) loaded.push(await loadInput(input, task, scope, files));
  return loaded;
}

async function loadInput(
  { kind, path }: Input,
  { directory, args }: Pick<TaskEntry, 'directory' | 'args'>,
  scope: Scope,
  files: ControllerFiles,
): Promise<LoadedInput> {
  const found = findInput(path, kind, directory, (candidate) => files.sizeOf(candidate) !== undefined);
  const sizeBytes = found === undefined ? undefined : files.sizeOf(found);
  if (found === undefined || sizeBytes === undefined) {
    const at = args.entries.find(({ key }) => key === 'src')?.value.at ?? args.at;
    const message = `there is no ${kind} "${path}" for this task`;
    const hint = `looked for ${inputCandidates(path, kind, directory).join(', ')}`;
    throw new DiagnosticError([{ code: 'E_NO_FILE', at, message, hint }]);
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
