/** One line of fstab(5). Blanks in a field are written as `\040`, as the kernel writes them too. */
export interface FstabEntry {
  readonly src: string;
  readonly path: string;
  readonly fstype: string;
  readonly opts: string;
  readonly dump: number;
  readonly passno: number;
}

export function renderFstabEntry({ src, path, fstype, opts, dump, passno }: FstabEntry): string {
  return [escapeField(src), escapeField(path), fstype, opts, String(dump), String(passno)].join(' ');
}

/** Undefined for comments and blank lines. */
export function parseFstabEntry(line: string): FstabEntry | undefined {
  const [src, path, fstype, opts = 'defaults', dump = '0', passno = '0'] = line.trim().split(/\s+/);
  if (!src || src.startsWith('#') || path === undefined || fstype === undefined) return undefined;
  return {
    src: unescapeField(src),
    path: unescapeField(path),
    fstype,
    opts,
    dump: Number(dump),
    passno: Number(passno),
  };
}

export function isSameEntry(left: FstabEntry, right: FstabEntry): boolean {
  return renderFstabEntry(left) === renderFstabEntry(right);
}

/** Where something is mounted, from /proc/self/mountinfo. */
export function mountPoints(mountinfo: string): ReadonlySet<string> {
  const points = new Set<string>();
  for (const line of mountinfo.split('\n')) {
    const point = line.split(' ')[4];
    if (point !== undefined) points.add(unescapeField(point));
  }
  return points;
}

function escapeField(text: string): string {
  return text.replace(/[\s\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

function unescapeField(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
