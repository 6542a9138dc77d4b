import { z } from 'zod';
import type { PathEntry } from '../../contract/probe.ts';
import { type Change, run } from '../../contract/step.ts';
import { applySymbolicMode, formatMode, isSymbolicMode, parseOctalMode } from '../../core/mode.ts';

/** A path on the host. Tasks have no working directory of their own, so a relative one would mean nothing. */
export const absolutePath = z.string().startsWith('/', 'must be an absolute path');

/** Parameters that every module with a file at its end has, to be spread into its schema. */
export const attributeParams = {
  mode: z
    .string({ error: 'a mode is a quoted text: YAML reads 0644 and 0o644 as different numbers' })
    .refine(
      (text) => parseOctalMode(text) !== undefined || isSymbolicMode(text),
      'neither an octal nor a symbolic mode',
    )
    .optional()
    .meta({
      description: 'Permissions, octal or symbolic, as a quoted text. Left alone when absent.',
      examples: ['0644', 'u=rw,go=r'],
    }),
  owner: z
    .union([z.string(), z.int().nonnegative()])
    .optional()
    .meta({ description: 'User that owns it, a name or a number. Left alone when absent.', examples: ['root'] }),
  group: z
    .union([z.string(), z.int().nonnegative()])
    .optional()
    .meta({ description: 'Group that it belongs to, a name or a number. Left alone when absent.', examples: ['root'] }),
};

export interface Attributes {
  readonly mode?: string | undefined;
  readonly owner?: string | number | undefined;
  readonly group?: string | number | undefined;
}

/** Permission bits that a `mode` parameter asks for, given those that are there. */
export function targetMode(mode: string, current: number, kind: 'file' | 'directory'): number {
  return parseOctalMode(mode) ?? applySymbolicMode(mode, current, kind);
}

/** Whether an owner or a group, asked for by name or number, is the one that stands there. */
export function isSameAccount(wanted: string | number, name: string, id: number): boolean {
  return String(wanted) === name || String(wanted) === String(id);
}

/** Differences of mode, owner and group at a path where something stands. A symbolic link has no mode of its own. */
export function planAttributes(path: string, entry: PathEntry, { mode, owner, group }: Attributes): Change[] {
  const changes: Change[] = [];
  if (owner !== undefined && !isSameAccount(owner, entry.owner, entry.uid)) {
    const steps = [run('chown', '-h', String(owner), path)];
    changes.push({ what: `owner of ${path}`, before: entry.owner, after: String(owner), steps });
  }
  if (group !== undefined && !isSameAccount(group, entry.group, entry.gid)) {
    const steps = [run('chgrp', '-h', String(group), path)];
    changes.push({ what: `group of ${path}`, before: entry.group, after: String(group), steps });
  }
  if (mode !== undefined && entry.type !== 'symlink') {
    const target = targetMode(mode, entry.mode, entry.type === 'directory' ? 'directory' : 'file');
    if (target !== entry.mode) {
      // Five digits: with four, chmod keeps a directory's set-id bits.
      const steps = [run('chmod', `0${formatMode(target)}`, path)];
      changes.push({ what: `mode of ${path}`, before: formatMode(entry.mode), after: formatMode(target), steps });
    }
  }
  return changes;
}
