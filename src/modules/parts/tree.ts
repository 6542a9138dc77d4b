import { ask, type Change, run } from '../../contract/module.ts';
import type { CommandAnswer, CommandProbe } from '../../contract/probe.ts';
import { PreconditionError } from '../../core/errors.ts';
import { formatMode, parseOctalMode } from '../../core/mode.ts';
import { counted, linesOf } from '../../core/text.ts';
import { type Attributes, isSameAccount, targetMode } from './attributes.ts';

/** One entry below a directory. */
export interface TreeEntry {
  readonly path: string;
  readonly type: 'directory' | 'file' | 'symlink';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly owner: string;
  readonly group: string;
}

/** Lists what is below a directory; only what deviates, where find(1) itself can tell. */
export function probeTree(path: string, { mode, owner, group }: Attributes): CommandProbe {
  const deviating: string[] = [];
  if (owner !== undefined) deviating.push('-o', '!', /^\d+$/.test(String(owner)) ? '-uid' : '-user', String(owner));
  if (group !== undefined) deviating.push('-o', '!', /^\d+$/.test(String(group)) ? '-gid' : '-group', String(group));
  if (mode !== undefined) deviating.push('-o', ...modeTest(mode));
  if (deviating.length === 0) deviating.push('-o', '-false');
  const format = '%y\\t%m\\t%U\\t%G\\t%u\\t%g\\t%p\\n';
  return ask('find', path, '-mindepth', '1', '(', ...deviating.slice(1), ')', '-printf', format);
}

function modeTest(mode: string): readonly string[] {
  const octal = parseOctalMode(mode);
  return octal === undefined ? ['-true'] : ['!', '-type', 'l', '!', '-perm', formatMode(octal)];
}

/** Throws `PreconditionError` where the directory is there and find could not read it. */
export function readTree(answer: CommandAnswer | undefined): readonly TreeEntry[] {
  if (!answer) return [];
  const entries: TreeEntry[] = [];
  for (const line of linesOf(answer.stdout)) {
    const [, kind, mode, uid, gid, owner, group, path] =
      /^(\w)\t([0-7]+)\t(\d+)\t(\d+)\t([^\t]*)\t([^\t]*)\t(.*)$/.exec(line) ?? [];
    // A line of another shape is the rest of a path that holds a line break.
    if (!kind || !mode || owner === undefined || group === undefined || path === undefined) continue;
    const type = kind === 'd' ? 'directory' : kind === 'l' ? 'symlink' : 'file';
    entries.push({ path, type, mode: Number.parseInt(mode, 8), uid: Number(uid), gid: Number(gid), owner, group });
  }
  return entries;
}

/** One change for each attribute that differs anywhere below the directory. */
export function planTree(path: string, entries: readonly TreeEntry[], { mode, owner, group }: Attributes): Change[] {
  const changes: Change[] = [];
  const add = (name: string, wrong: readonly string[], after: string, argv: readonly string[]) => {
    if (wrong.length === 0) return;
    const what = `${name} of ${counted(wrong.length, 'entry').replace(/entrys$/, 'entries')} below ${path}`;
    changes.push({ what, before: [...new Set(wrong)].sort().join(', '), after, steps: [run(...argv, path)] });
  };
  if (owner !== undefined) {
    const wrong = entries.filter((entry) => !isSameAccount(owner, entry.owner, entry.uid));
    add(
      'owner',
      wrong.map((entry) => entry.owner),
      String(owner),
      ['chown', '-hR', String(owner)],
    );
  }
  if (group !== undefined) {
    const wrong = entries.filter((entry) => !isSameAccount(group, entry.group, entry.gid));
    add(
      'group',
      wrong.map((entry) => entry.group),
      String(group),
      ['chgrp', '-hR', String(group)],
    );
  }
  if (mode !== undefined) {
    const wrong = entries.filter(({ type, mode: now }) => type !== 'symlink' && targetMode(mode, now, type) !== now);
    add(
      'mode',
      wrong.map((entry) => formatMode(entry.mode)),
      mode,
      ['chmod', '-R', chmodText(mode)],
    );
  }
  return changes;
}

/** Five octal digits, and no clause without a who: chmod then neither keeps set-id bits nor applies its umask. */
function chmodText(mode: string): string {
  const octal = parseOctalMode(mode);
  if (octal !== undefined) return `0${formatMode(octal)}`;
  return mode
    .split(',')
    .map((clause) => clause.replace(/^(?=[-+=])/, 'a'))
    .join(',');
}

/** Throws where find(1) ended badly and printed nothing: an unreadable tree must not look like one in order. */
export function assertTreeRead(answer: CommandAnswer | undefined, path: string): void {
  if (!answer || answer.code === 0) return;
  throw new PreconditionError(
    `the tree below ${path} cannot be read: ${linesOf(answer.stderr).at(-1) ?? `find ended with ${answer.code}`}`,
  );
}
