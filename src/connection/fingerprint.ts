import { createHash } from 'node:crypto';
import type { Probe } from '../contract/probe.ts';
import { isOddName, renderCommand } from './compile-probes.ts';
import { plainPath, quote } from './quote.ts';

/** An answer as the host gave it, before anything was decoded. */
export type RawAnswer =
  | { readonly kind: 'path'; readonly entry: RawEntry | undefined }
  | { readonly kind: 'digest'; readonly sha256: string | undefined }
  | { readonly kind: 'text'; readonly bytes: Uint8Array | undefined }
  | { readonly kind: 'command'; readonly code: number; readonly stdout: Uint8Array; readonly stderr: Uint8Array };

/** The fields of one `stat` line, as written. */
export interface RawEntry {
  readonly mode: string;
  readonly uid: string;
  readonly gid: string;
  readonly size: string;
  readonly modified: string;
  readonly inode: string;
  readonly owner: string;
  readonly group: string;
  /** Undefined when it is no symbolic link. */
  readonly target: Uint8Array | undefined;
}

/**
 * One canonical byte form of a list of answers, made twice: here from the answers, on the host by the text that
 * `renderGuard` gives. It holds, in this order: full `stat` lines of files and links, short ones (no size, no times) of
 * everything else that exists, targets of links, digests of files asked for by digest or text, then for each command its
 * output and code. Commands' error output is left out (it carries warnings), and so is what is volatile.
 */
export function fingerprintOf(probes: readonly Probe[], answers: readonly RawAnswer[]): string {
  const { paths, sums, commands } = parted(probes, answers);
  const hash = createHash('sha256');
  for (const { name, entry } of paths) {
    if (isFull(entry)) {
      const { mode, uid, gid, size, modified, inode, owner, group } = entry;
      hash.update(`${mode} ${uid} ${gid} ${size} ${modified} ${inode} ${owner}:${group}:${name}\n`);
    }
  }
  for (const { name, entry } of paths) {
    if (isFull(entry)) continue;
    const { mode, uid, gid, inode, owner, group } = entry;
    hash.update(`${mode} ${uid} ${gid} ${inode} ${owner}:${group}:${name}\n`);
  }
  for (const { entry } of paths) if (entry.target) hash.update(entry.target).update('\n');
  for (const { name, sha256 } of sums) if (!isOddName(name)) hash.update(`${sha256}  ${name}\n`);
  for (const { name, sha256 } of sums) if (isOddName(name)) hash.update(`${sha256}  -\n`);
  for (const { code, stdout } of commands) hash.update(stdout).update(`\x1e ${code}\n`);
  return hash.digest('hex');
}

/** Shell text that writes the canonical form; undefined when nothing of the list takes part in a guard. */
export function renderGuard(probes: readonly Probe[]): string | undefined {
  const paths = probes.flatMap((probe) => (probe.kind === 'path' ? [plainPath(probe.path)] : []));
  const sums = probes.flatMap((probe) =>
    probe.kind === 'digest' || probe.kind === 'text' ? [plainPath(probe.path)] : [],
  );
  const lines: string[] = [];
  if (paths.length > 0) lines.push(`set -- ${words(paths)}`, 'bench_full "$@"; bench_short "$@"; bench_targets "$@"');
  const plain = sums.filter((name) => !isOddName(name));
  if (plain.length > 0) lines.push(`bench_sums ${words(plain)}`);
  for (const name of sums.filter(isOddName)) lines.push(`bench_sum ${quote(name)}`);
  for (const probe of probes) {
    if (probe.kind !== 'command' || probe.isVolatile) continue;
    lines.push(`{ ${renderCommand(probe)}; } 2>/dev/null; printf "\\036 %s\\n" $?`);
  }
  return lines.length === 0 ? undefined : lines.join('\n');
}

function words(names: readonly string[]): string {
  return names.map(quote).join(' ');
}

function isFull({ mode }: RawEntry): boolean {
  const type = Number.parseInt(mode, 16) & 0o170000;
  return type === 0o100000 || type === 0o120000;
}

interface Parted {
  readonly paths: readonly { readonly name: string; readonly entry: RawEntry }[];
  readonly sums: readonly { readonly name: string; readonly sha256: string }[];
  readonly commands: readonly { readonly code: number; readonly stdout: Uint8Array }[];
}

function parted(probes: readonly Probe[], answers: readonly RawAnswer[]): Parted {
  const paths: { name: string; entry: RawEntry }[] = [];
  const sums: { name: string; sha256: string }[] = [];
  const commands: { code: number; stdout: Uint8Array }[] = [];
  for (const [index, answer] of answers.entries()) {
    const probe = probes[index];
    if (probe?.kind === 'command' && answer.kind === 'command' && !probe.isVolatile) commands.push(answer);
    if (probe === undefined || probe.kind === 'command') continue;
    const name = plainPath(probe.path);
    if (answer.kind === 'path' && answer.entry) paths.push({ name, entry: answer.entry });
    if (answer.kind === 'digest' && answer.sha256) sums.push({ name, sha256: answer.sha256 });
    if (answer.kind === 'text' && answer.bytes) {
      sums.push({ name, sha256: createHash('sha256').update(answer.bytes).digest('hex') });
    }
  }
  return { paths, sums, commands };
}
