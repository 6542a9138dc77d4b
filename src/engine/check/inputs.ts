import { posix } from 'node:path';
import type { Input } from '../../contract/module.ts';

/**
 * Where a file that a task names stands: in DIR/templates or DIR/files, in DIR itself, then in ../templates or ../files,
 * where DIR is the folder of the file that holds the task. Undefined when it is at none of these.
 */
export function findInput(
  path: string,
  kind: Input['kind'],
  directory: string,
  exists: (path: string) => boolean,
): string | undefined {
  return inputCandidates(path, kind, directory).find(exists);
}

/** The places where `findInput` looks, in its order. */
export function inputCandidates(path: string, kind: Input['kind'], directory: string): readonly string[] {
  if (posix.isAbsolute(path)) return [path];
  const folder = `${kind}s`;
  return [posix.join(directory, folder, path), posix.join(directory, path), posix.join(directory, '..', folder, path)];
}
