import { z } from 'zod';
import { ask, type Change, defineResource, pathOf, run, textOf } from '../contract/module.ts';
import { BenchError } from '../core/errors.ts';
import { linesOf } from '../core/text.ts';
import { absolutePath } from './parts/attributes.ts';
import { type FstabEntry, isSameEntry, mountPoints, parseFstabEntry, renderFstabEntry } from './parts/fstab.ts';
import { planEdit } from './parts/text-edit.ts';

const params = z
  .strictObject({
    path: absolutePath.meta({ description: 'Folder to mount at.', examples: ['/srv/images'] }),
    src: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: 'Device, `UUID=…`, `LABEL=…` or remote path.',
        examples: ['/dev/disk/by-label/images'],
      }),
    fstype: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'Type of the file system.', examples: ['ext4'] }),
    opts: z
      .string()
      .min(1)
      .default('defaults')
      .meta({ description: 'Options, parted by commas.', examples: ['noatime,_netdev'] }),
    dump: z.int().nonnegative().default(0).describe('Whether dump(8) saves it.'),
    passno: z.int().nonnegative().default(0).describe('When it is checked at boot.'),
    state: z
      .enum(['mounted', 'present', 'unmounted', 'absent'])
      .describe(
        '`mounted`: in fstab and mounted; `present`: in fstab; `unmounted`: not mounted, fstab left; `absent`: neither.',
      ),
    fstab: absolutePath.default('/etc/fstab').describe('The table.'),
  })
  .refine(
    ({ state, src, fstype }) =>
      state === 'unmounted' || state === 'absent' || (src !== undefined && fstype !== undefined),
    '"src" and "fstype" are needed',
  );

type Params = z.infer<typeof params>;

export const mount = defineResource({
  name: 'mount',
  summary: 'Mount a file system, now and at every boot, or no longer.',
  params,
  example: '{ path: /srv/images, src: LABEL=images, fstype: ext4, opts: noatime, state: mounted }',
  notes:
    'Options that change are made real by a remount. What is mounted from where is not compared: only whether something is. `absent` leaves the empty folder (Ansible removes it).',

  probe: ({ path, fstab }) => [pathOf(fstab), textOf(fstab), pathOf(path), ask('cat', '/proc/self/mountinfo')],
  read([tableEntry, table, point, mountinfo], { path }) {
    if (mountinfo.code !== 0)
      throw new BenchError('E_TOOL_OUTPUT', `what is mounted cannot be read: ${mountinfo.stderr.trim()}`);
    return {
      table: { entry: tableEntry.entry, text: table.text },
      point: point.entry,
      isMounted: mountPoints(mountinfo.stdout).has(trimmed(path)),
    };
  },

  plan({ table, point, isMounted }, task): readonly Change[] {
    const path = trimmed(task.path);
    const lines = linesOf(table.text ?? '');
    if (task.state === 'unmounted' || task.state === 'absent') {
      const unmounting: Change = {
        what: `mount at ${path}`,
        before: 'mounted',
        after: undefined,
        steps: [run('umount', '--', path)],
      };
      const changes = isMounted ? [unmounting] : [];
      if (task.state === 'unmounted') return changes;
      const kept = lines.filter((line) => parseFstabEntry(line)?.path !== path);
      return kept.length === lines.length ? changes : [...changes, ...editTable(task, table, kept)];
    }
    const wanted = entryFor(task, path);
    const edited = withEntry(lines, wanted);
    const changes = edited === lines ? [] : [...editTable(task, table, edited)];
    if (task.state === 'present') return changes;
    if (!point)
      changes.push({
        what: `folder ${path}`,
        before: undefined,
        after: 'directory',
        steps: [run('mkdir', '-p', '--', path)],
      });
    if (!isMounted)
      changes.push({ what: `mount at ${path}`, before: undefined, after: wanted.src, steps: mountSteps(task, path) });
    else if (edited !== lines) {
      changes.push({
        what: `options of ${path}`,
        before: 'as mounted',
        after: wanted.opts,
        steps: [run('mount', '-o', `remount,${wanted.opts}`, '--', path)],
      });
    }
    return changes;
  },
  result: ({ isMounted }, { path }) => ({ path, mounted: isMounted }),
});

/** /proc/self/mountinfo has no final slash. */
function trimmed(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}

function entryFor({ src = '', fstype = '', opts, dump, passno }: Params, path: string): FstabEntry {
  return { src, path, fstype, opts, dump, passno };
}

function mountSteps({ fstab, src = '', fstype = '', opts }: Params, path: string) {
  return [fstab === '/etc/fstab' ? run('mount', '--', path) : run('mount', '-t', fstype, '-o', opts, '--', src, path)];
}

/** The same list where the entry is there as it should be. */
function withEntry(lines: readonly string[], wanted: FstabEntry): readonly string[] {
  // Swap has the same path "none" many times, and is told apart by its source.
  const at = lines.findLastIndex((line) => {
    const entry = parseFstabEntry(line);
    return entry?.path === wanted.path && (wanted.fstype !== 'swap' || entry.src === wanted.src);
  });
  const found = at < 0 ? undefined : parseFstabEntry(lines[at] ?? '');
  if (!found) return [...lines, renderFstabEntry(wanted)];
  return isSameEntry(found, wanted) ? lines : lines.with(at, renderFstabEntry(wanted));
}

function editTable(
  { fstab }: Params,
  table: Parameters<typeof planEdit>[1],
  lines: readonly string[],
): readonly Change[] {
  return planEdit(fstab, table, lines.map((line) => `${line}\n`).join(''));
}
