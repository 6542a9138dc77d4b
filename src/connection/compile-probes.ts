import type { CommandProbe, Probe } from '../contract/probe.ts';
import { plainPath, quote, quoteAll } from './quote.ts';
import type { Script } from './script.ts';

/** Where the answer to one probe is found among a frame's slots. */
export type ProbePlace =
  | { readonly kind: 'path'; readonly name: string; readonly slot: number; readonly linkSlot: number }
  | { readonly kind: 'digest'; readonly name: string; readonly slot: number }
  | { readonly kind: 'text'; readonly slot: number }
  | { readonly kind: 'command'; readonly slot: number };

/** Bytes of arguments that one merged command gets at most: far below the least ARG_MAX in use (128 KiB). */
const BATCH_BYTES = 64 * 1024;

/**
 * Adds the questions to the script, merged by kind, each asked once however often it stands in the list. One place for
 * each probe, in order.
 */
export function compileProbes(script: Script, probes: readonly Probe[]): readonly ProbePlace[] {
  const places = new Map<string, ProbePlace>();
  for (const batch of batches(namesOf(probes, 'path'))) addPaths(script, batch, places);
  for (const batch of batches(namesOf(probes, 'digest'))) addDigests(script, batch, places);
  for (const batch of chunksOf(namesOf(probes, 'text'), MARKER_DESCRIPTORS.length)) addTexts(script, batch, places);
  return probes.map((probe, index) => {
    const key = keyOf(probe, index);
    const known = places.get(key);
    if (known) return known;
    if (probe.kind !== 'command') throw new Error(`no place for ${key}`);
    const place: ProbePlace = { kind: 'command', slot: script.slots() };
    script.add(`${renderCommand(probe)}; bench_e ${place.slot} $?`);
    places.set(key, place);
    return place;
  });
}

/** The command in a subshell, with its input. A builtin as `exit` or `cd` ends there. */
export function renderCommand({ argv, stdin }: CommandProbe): string {
  const command = `(${quoteAll(argv)})`;
  return stdin === undefined ? command : `${renderBytes(new TextEncoder().encode(stdin))} | ${command}`;
}

/** A command that writes exactly these bytes, without showing them in the arguments of any process. */
export function renderBytes(bytes: Uint8Array): string {
  const text = decodeExactly(bytes);
  if (text !== undefined) return `printf %s ${quote(text)} 2>/dev/null`;
  return `printf %s ${Buffer.from(bytes).toString('base64')} 2>/dev/null | base64 -d`;
}

function decodeExactly(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Names with which merged output cannot be told apart: coreutils escapes them, busybox does not. */
export function isOddName(name: string): boolean {
  return /[\n\\]/.test(name);
}

function keyOf(probe: Probe, index: number): string {
  if (probe.kind !== 'command') return `${probe.kind} ${plainPath(probe.path)}`;
  return probe.isVolatile ? `volatile ${index}` : `command ${JSON.stringify([probe.argv, probe.stdin])}`;
}

function namesOf(probes: readonly Probe[], kind: 'path' | 'digest' | 'text'): readonly string[] {
  const names = new Set<string>();
  for (const probe of probes) if (probe.kind === kind) names.add(plainPath(probe.path));
  return [...names];
}

/** Lists short enough for one command each; an odd name stands alone. */
function batches(names: readonly string[]): readonly (readonly string[])[] {
  const all: string[][] = [];
  let open: string[] = [];
  let size = 0;
  for (const name of names) {
    if (isOddName(name)) {
      all.push([name]);
      continue;
    }
    if (open.length === 0 || size + name.length > BATCH_BYTES) {
      open = [];
      size = 0;
      all.push(open);
    }
    open.push(name);
    size += name.length * 3;
  }
  return all;
}

function addPaths(script: Script, names: readonly string[], places: Map<string, ProbePlace>): void {
  const slot = script.slots();
  const links = script.slots(names.length);
  script.add(`set -- ${names.map(quote).join(' ')}`);
  script.add(`bench_stat "$@"; bench_m ${slot} 0; bench_links ${links} "$@"`);
  for (const [index, name] of names.entries()) {
    places.set(`path ${name}`, { kind: 'path', name, slot, linkSlot: links + index });
  }
}

/** Descriptors of two digits are not in every shell, and those below 4 are taken. */
const MARKER_DESCRIPTORS = [4, 5, 6, 7, 8, 9];

/**
 * One `cat` for several files, with each one's marker behind it from a here-document. Should a file go away in between,
 * all are read again one by one: of two answers in a slot the later one counts.
 */
function addTexts(script: Script, names: readonly string[], places: Map<string, ProbePlace>): void {
  const files = names.map((name, index) => ({ name, slot: script.slots(), descriptor: MARKER_DESCRIPTORS[index] }));
  const again = files.map(({ name, slot }) => `bench_text ${slot} ${quote(name)}`).join('; ');
  for (const { name, slot } of files) places.set(`text ${name}`, { kind: 'text', slot });
  if (files.length === 1) {
    script.add(again);
    return;
  }
  script.add('set --');
  for (const { name, slot, descriptor } of files) {
    const word = quote(name);
    script.add(
      `if [ -f ${word} ] && [ -r ${word} ]; then set -- "$@" ${word} /dev/fd/${descriptor}; else bench_m ${slot} 1; fi`,
    );
  }
  const documents = files.map(({ descriptor }) => `${descriptor}<<E${descriptor}`).join(' ');
  script.add(`[ $# -eq 0 ] || cat -- "$@" 2>/dev/null ${documents} || { ${again}; }`);
  for (const { slot, descriptor } of files) script.add(`${script.mark(`E ${slot} 0`)}`, `E${descriptor}`);
}

function chunksOf(names: readonly string[], size: number): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(names.length / size) }, (_, index) =>
    names.slice(index * size, (index + 1) * size),
  );
}

function addDigests(script: Script, names: readonly string[], places: Map<string, ProbePlace>): void {
  const slot = script.slots();
  const [first = ''] = names;
  const sums = isOddName(first) ? 'bench_sum' : 'bench_sums';
  script.add(`${sums} ${names.map(quote).join(' ')}; bench_m ${slot} 0`);
  for (const name of names) places.set(`digest ${name}`, { kind: 'digest', name, slot });
}
