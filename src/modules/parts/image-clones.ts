import type { PathEntry } from '../../contract/probe.ts';
import { type Change, runShell } from '../../contract/step.ts';
import { PreconditionError } from '../../core/errors.ts';
import { CLONE } from './image-scripts.ts';

/** What is known of one clone: the record of what was copied into it, and what stands there. */
export interface CloneState {
  readonly clone: string;
  readonly copied: string | undefined;
  readonly entry: PathEntry | undefined;
  readonly isEmpty: boolean;
}

/** What it takes to make a clone a copy of the image. Throws where it holds what nobody asked to lose. */
export function cloneChanges(
  { clone, copied, entry, isEmpty }: CloneState,
  known: string | undefined,
  path: string,
  replace: boolean,
): readonly Change[] {
  const isOurs = entry !== undefined && copied !== undefined;
  if (isOurs && (copied === known || !replace)) return [];
  if (entry && !isOurs && !isEmpty && !replace) {
    throw new PreconditionError(
      `${clone} holds something that this task has not written`,
      'replace: true overwrites it; the guest whose disk it is must be stopped',
    );
  }
  const before = isOurs ? `a copy of ${copied.slice(0, 12)}` : entry ? 'empty' : undefined;
  return [
    {
      what: clone,
      before,
      after: `a copy of ${known?.slice(0, 12) ?? 'the image'}`,
      steps: [runShell(CLONE, path, clone, recordOf(path, clone))],
    },
  ];
}

/** A block device has no room beside it, so the record of a clone stands beside the image. */
export function recordOf(path: string, clone: string): string {
  return `${path}.clones/${clone.slice(1).replaceAll('/', '_')}`;
}
