import { createHash } from 'node:crypto';
import type { Guard } from '../contract/frame.ts';
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
 * One canonical byte form of a list of answers, made twice: here from the answers, on the host by shell text. It holds, in
 * this order: full `stat` lines of files and links, short ones (no size, no times) of everything else that exists, targets
 * of links, digests of files asked for by digest or text, then for each command its output and code. Commands' error
 * output is left out (it carries warnings), and so is what is volatile.
 *
 * The fingerprint is that form itself where a shell can compare it (it is short, and nothing of it is a command's
 * output), which saves the host two processes a guard; else its digest.
 */
export function fingerprintOf(probes: readonly Probe[], answers: readonly RawAnswer[]): string {
  const form = canonicalForm(probes, answers);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(form);
  const isPlain = form.length <= LONGEST_PLAIN && !probes.some(isGuardingCommand) && !text.includes('\ufffd');
  return isPlain ? PLAIN + text.replace(/\n+$/, '') : createHash('sha256').update(form).digest('hex');
}

const PLAIN = '=';
const LONGEST_PLAIN = 4096;

function isGuardingCommand(probe: Probe): boolean {
  return probe.kind === 'command' && !probe.isVolatile;
}

function canonicalForm(probes: readonly Probe[], answers: readonly RawAnswer[]): Uint8Array {
  const { paths, sums, commands } = parted(probes, answers);
  const pieces: (Uint8Array | string)[] = [];
  for (const { name, entry } of paths) {
    if (!isFull(entry)) continue;
    const { mode, uid, gid, size, modified, inode, owner, group } = entry;
    pieces.push(`${mode} ${uid} ${gid} ${size} ${modified} ${inode} ${owner}:${group}:${name}\n`);
  }
  for (const { name, entry } of paths) {
    if (isFull(entry)) continue;
    const { mode, uid, gid, inode, owner, group } = entry;
    pieces.push(`${mode} ${uid} ${gid} ${inode} ${owner}:${group}:${name}\n`);
  }
  for (const { entry } of paths) if (entry.target) pieces.push(entry.target, '\n');
  for (const { name, sha256 } of sums) if (!isOddName(name)) pieces.push(`${sha256}  ${name}\n`);
  for (const { name, sha256 } of sums) if (isOddName(name)) pieces.push(`${sha256}  -\n`);
  for (const { code, stdout } of commands) pieces.push(stdout, `\x1e ${code}\n`);
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
}

/** A shell condition that holds where the host's answers are others; undefined when nothing takes part in the guard. */
export function renderIsStale({ probes, fingerprint }: Guard): string | undefined {
  const canonical = renderGuard(probes);
  if (canonical === undefined) return undefined;
  if (fingerprint.startsWith(PLAIN)) {
    const form = fingerprint.slice(PLAIN.length);
    return `s=$(${canonical}\n:); [ "$s" != ${quote(form)} ]`;
  }
  return `s=$({ ${canonical}\n:; } | sha256sum); [ "\${s%% *}" != ${quote(fingerprint)} ]`;
}

function renderGuard(probes: readonly Probe[]): string | undefined {
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
