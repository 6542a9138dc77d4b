import { z } from 'zod';
import { defineResource, digestOf, pathOf } from '../contract/module.ts';
import type { PathEntry, Probe } from '../contract/probe.ts';
import { formatMode } from '../core/mode.ts';
import { absolutePath } from './parts/attributes.ts';

const params = z.strictObject({
  path: absolutePath.meta({ description: 'Path on the host.', examples: ['/boot/xen.gz'] }),
  get_checksum: z.boolean().default(true).describe('Whether the SHA-256 of a regular file is computed.'),
});

export const stat = defineResource({
  name: 'stat',
  summary: 'Tell what stands at a path; of use with `register`.',
  params,
  example: '{ path: /boot/xen.gz }',
  notes:
    "Registers `stat` with Ansible's keys: exists, isdir, isreg, islnk, mode, size, mtime, pw_name, gr_name, checksum, … The checksum is SHA-256. A link is told of itself (`lnk_source` is where it points), but `checksum` is that of the file behind it. Where nothing stands, `exists` and all `is…` are false.",

  probe: ({ path, get_checksum }): readonly Probe[] => (get_checksum ? [pathOf(path), digestOf(path)] : [pathOf(path)]),
  read: (answers) => ({
    entry: answers.find((answer) => answer.kind === 'path')?.entry,
    checksum: answers.find((answer) => answer.kind === 'digest')?.sha256,
  }),
  plan: () => [],
  result: ({ entry, checksum }, { path }) => ({
    stat: { path, ...typeFlags(entry), ...details(entry), ...(checksum && { checksum }) },
  }),
});

function typeFlags(entry: PathEntry | undefined): Readonly<Record<string, boolean>> {
  return {
    exists: entry !== undefined,
    isdir: entry?.type === 'directory',
    isreg: entry?.type === 'file',
    islnk: entry?.type === 'symlink',
    isblk: entry?.type === 'block',
    ischr: entry?.type === 'character',
    isfifo: entry?.type === 'fifo',
    issock: entry?.type === 'socket',
  };
}

function details(entry: PathEntry | undefined): Readonly<Record<string, unknown>> {
  if (!entry) return {};
  return {
    mode: formatMode(entry.mode),
    size: entry.sizeBytes,
    uid: entry.uid,
    gid: entry.gid,
    pw_name: entry.owner,
    gr_name: entry.group,
    mtime: entry.modifiedS,
    inode: entry.inode,
    executable: (entry.mode & 0o111) !== 0,
    ...(entry.target !== undefined && { lnk_source: entry.target }),
  };
}
