import { posix } from 'node:path';
import type { Module } from '../contract/module.ts';
import { parseYaml } from '../contract/parse-yaml.ts';
import { locateTexts } from '../contract/text-pieces.ts';
import type { LocatedText, YamlNode } from '../contract/yaml-node.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { messageOf } from '../core/errors.ts';
import type { Attributes } from './play.ts';
import type { ProblemList } from './problems.ts';

export interface LoadOptions {
  /** Text of a file; throws when it cannot be read, with `code` ENOENT when there is none. */
  readonly readFile: (path: string) => string;
  readonly modules: ReadonlyMap<string, Module>;
}

/** What the readers of all files share. */
export interface Reading extends LoadOptions {
  readonly problems: ProblemList;
  /** Every file that was read, with its text. */
  readonly sources: Map<string, string>;
  readonly parsed: Map<string, YamlNode | undefined>;
  /** How many imports and includes were followed. */
  readonly followed: { count: number };
}

/** What stands around an entry. */
export interface Surroundings {
  readonly file: string;
  /** Folder of the file that holds the play. */
  readonly playDirectory: string;
  /** The files that led here, outermost first, this one last. */
  readonly chain: readonly string[];
  readonly attributes: Attributes;
  readonly role: 'task' | 'handler';
}

/** How many files may take in one another. */
const DEEPEST_CHAIN = 32;

/** How many imports and includes a playbook may have in all: two imports in each of thirty files are a thousand million. */
const MOST_FOLLOWED = 10_000;

/** Reads and parses a file once. Undefined when it is empty or cannot be parsed; that is reported. */
export function parseFile(file: string, text: string, reading: Reading): YamlNode | undefined {
  if (reading.parsed.has(file)) return reading.parsed.get(file);
  reading.sources.set(file, text);
  const { node, diagnostics } = parseYaml(text, file);
  const lines = text.split(/\r?\n/);
  reading.problems.addYaml(diagnostics.map((diagnostic) => withTabNamed(diagnostic, lines)));
  const located = node && locateTexts(node, lines);
  reading.parsed.set(file, located);
  return located;
}

/** YAML's parser stumbles over a tab some places later and does not name it. */
function withTabNamed(diagnostic: Diagnostic, lines: readonly string[]): Diagnostic {
  const { at, code } = diagnostic;
  if (code !== 'E_YAML' || !at) return diagnostic;
  for (const line of [at.line, at.line - 1]) {
    const column = /^ *\t/.exec(lines[line - 1] ?? '')?.[0].length;
    if (column === undefined) continue;
    const message = 'not valid YAML: a tab in the indentation';
    return { code, at: { file: at.file, line, column, length: 1 }, message, hint: 'indent with spaces' };
  }
  return diagnostic;
}

/**
 * The file that an import or include names, read and parsed: looked for beside the file that names it, then beside the
 * playbook. Undefined when that cannot be; the reason is reported at the name.
 */
export function openNamed(
  name: LocatedText,
  around: Pick<Surroundings, 'file' | 'playDirectory' | 'chain'>,
  reading: Reading,
): { readonly file: string; readonly node: YamlNode | undefined } | undefined {
  const folders = [...new Set([posix.dirname(around.file), around.playDirectory])];
  for (const folder of folders) {
    const file = posix.isAbsolute(name.text) ? posix.normalize(name.text) : posix.join(folder, name.text);
    if (around.chain.includes(file)) {
      const circle = [...around.chain.slice(around.chain.indexOf(file)), file].join(' -> ');
      reading.problems.report('E_INCLUDE_CIRCLE', name.at, `"${name.text}" takes in itself: ${circle}`);
      return undefined;
    }
    if (around.chain.length >= DEEPEST_CHAIN) {
      reading.problems.report('E_INCLUDE_DEPTH', name.at, `more than ${DEEPEST_CHAIN} files take in one another`);
      return undefined;
    }
    if (reading.followed.count >= MOST_FOLLOWED) {
      reading.problems.report('E_INCLUDE_COUNT', name.at, `more than ${MOST_FOLLOWED} imports and includes`);
      return undefined;
    }
    const text = readOrReason(file, reading);
    if (text.kind === 'text') reading.followed.count += 1;
    if (text.kind === 'text') return { file, node: parseFile(file, text.text, reading) };
    if (text.kind === 'failed') {
      reading.problems.report('E_NO_FILE', name.at, `cannot read "${file}": ${text.reason}`);
      return undefined;
    }
  }
  const hint = `paths count from ${folders.join(', then from ')}`;
  reading.problems.report('E_NO_FILE', name.at, `there is no file "${name.text}"`, hint);
  return undefined;
}

type ReadResult =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly reason: string };

export function readOrReason(file: string, { sources, readFile }: Pick<Reading, 'sources' | 'readFile'>): ReadResult {
  const known = sources.get(file);
  if (known !== undefined) return { kind: 'text', text: known };
  try {
    return { kind: 'text', text: readFile(file) };
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    return code === 'ENOENT' || code === 'ENOTDIR' ? { kind: 'absent' } : { kind: 'failed', reason: messageOf(thrown) };
  }
}
