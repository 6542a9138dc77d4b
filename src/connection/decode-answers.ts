import type { Answer, EntryType, PathEntry } from '../contract/probe.ts';
import type { RawAnswer, RawEntry } from './fingerprint.ts';

/** UTF-8 with a replacement character for what is none; a byte order mark stays. */
export function toText(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

const STAT_LINE = /^([0-9a-f]+) (\d+) (\d+) (\d+) (-?\d+) (\d+) ([^:]*):([^:]*):(.*)$/s;

/** Lines of the merged `stat`, by name. `isSingle`: the output is one entry, whose name may hold line ends. */
export function parseStat(output: Uint8Array, isSingle: boolean): ReadonlyMap<string, RawEntry> {
  const entries = new Map<string, RawEntry>();
  const text = toText(output);
  for (const line of isSingle ? [text.slice(0, -1)] : text.split('\n')) {
    const [, mode = '', uid = '', gid = '', size = '', modified = '', inode = '', owner = '', group = '', name = ''] =
      STAT_LINE.exec(line) ?? [];
    if (name !== '') entries.set(name, { mode, uid, gid, size, modified, inode, owner, group, target: undefined });
  }
  return entries;
}

/** Lines of the merged `sha256sum`, by name. */
export function parseSums(output: Uint8Array): ReadonlyMap<string, string> {
  const sums = new Map<string, string>();
  for (const line of toText(output).split('\n')) {
    const [, sha256 = '', name = ''] = /^([0-9a-f]{64}) [ *](.*)$/.exec(line) ?? [];
    if (name !== '') sums.set(name, sha256);
  }
  return sums;
}

export function toAnswer(raw: RawAnswer): Answer {
  switch (raw.kind) {
    case 'path':
      return { kind: 'path', entry: raw.entry && toEntry(raw.entry) };
    case 'digest':
      return raw;
    case 'text':
      return { kind: 'text', bytes: raw.bytes, text: raw.bytes && toText(raw.bytes) };
    case 'command':
      return { kind: 'command', code: raw.code, stdout: toText(raw.stdout), stderr: toText(raw.stderr) };
  }
}

const TYPES: ReadonlyMap<number, EntryType> = new Map([
  [0o010, 'fifo'],
  [0o020, 'character'],
  [0o040, 'directory'],
  [0o060, 'block'],
  [0o100, 'file'],
  [0o120, 'symlink'],
  [0o140, 'socket'],
]);

function toEntry(raw: RawEntry): PathEntry {
  const bits = Number.parseInt(raw.mode, 16);
  return {
    type: TYPES.get((bits >> 9) & 0o170) ?? 'file',
    mode: bits & 0o7777,
    // stat says UNKNOWN for an identifier that no account has; chown takes the number.
    owner: raw.owner === 'UNKNOWN' ? raw.uid : raw.owner,
    group: raw.group === 'UNKNOWN' ? raw.gid : raw.group,
    uid: Number(raw.uid),
    gid: Number(raw.gid),
    sizeBytes: Number(raw.size),
    modifiedS: Number(raw.modified),
    inode: Number(raw.inode),
    ...(raw.target && { target: toText(raw.target) }),
  };
}
