import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { z } from 'zod';
import type { LoadedInput } from '../../src/contract/module.ts';
import type { Answer } from '../../src/contract/probe.ts';
import { bytesOf, type Change, type Step } from '../../src/contract/step.ts';
import { sha256 } from '../../src/core/digest.ts';
import { formatMode } from '../../src/core/mode.ts';
import { Secret } from '../../src/core/secret.ts';

const entry = z.strictObject({
  type: z.enum(['file', 'directory', 'symlink', 'block', 'character', 'fifo', 'socket']).default('file'),
  mode: z.string().default('0644'),
  owner: z.string().default('root'),
  group: z.string().default('root'),
  uid: z.number().default(0),
  gid: z.number().default(0),
  size: z.number().default(0),
  target: z.string().optional(),
});

/** An answer as a case writes it: by the kind of its probe, `null` where nothing is there. */
const answer = z.union([
  z.strictObject({ path: entry.nullable() }),
  z.strictObject({ text: z.string().nullable() }),
  z.strictObject({ base64: z.string() }),
  z.strictObject({ digest: z.string().nullable() }),
  z.strictObject({ code: z.number().default(0), stdout: z.string().default(''), stderr: z.string().default('') }),
  z.strictObject({ unreachable: z.string() }),
]);

const caseFile = z.strictObject({
  /** A sentence about what the module does here. */
  title: z.string(),
  params: z.unknown(),
  /** What loaded files hold, by their path. */
  inputs: z.record(z.string(), z.string()).default({}),
  answers: z.array(answer).default([]),
  /** Results of the steps, for modules of steps and actions. */
  results: z
    .array(
      z.union([
        z.strictObject({ code: z.number().default(0), stdout: z.string().default(''), stderr: z.string().default('') }),
        z.strictObject({ unreachable: z.string() }),
      ]),
    )
    .default([]),
  /** Values of expressions, for actions that evaluate them. */
  values: z.record(z.string(), z.unknown()).default({}),
  /** Digests of the controller's files, for actions that save some. */
  saved: z.record(z.string(), z.string()).default({}),
  /** A summary of what the parameters' schema refuses. */
  refused: z.string().optional(),
  changes: z.array(z.unknown()).optional(),
  steps: z.array(z.unknown()).optional(),
  skip: z.string().optional(),
  result: z.unknown().optional(),
  error: z.strictObject({ message: z.string(), hint: z.string().optional() }).optional(),
});
export type CaseFile = z.infer<typeof caseFile>;
export type CaseAnswer = z.infer<typeof answer>;

export interface Case {
  readonly module: string;
  readonly name: string;
  readonly file: CaseFile;
}

export function loadCases(folder: string): readonly Case[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.yaml'));
  return paths.sort().map((path) => {
    const [module = '', name = ''] = path.split('/');
    const parsed = caseFile.safeParse(load(readFileSync(join(folder, path), 'utf8')));
    if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
    return { module, name, file: parsed.data };
  });
}

export function toAnswer(given: CaseAnswer): Answer {
  if ('path' in given) return { kind: 'path', entry: given.path ? toEntry(given.path) : undefined };
  if ('digest' in given) return { kind: 'digest', sha256: given.digest ?? undefined };
  if ('base64' in given) return toText(Buffer.from(given.base64, 'base64'));
  if ('text' in given) return toText(given.text === null ? undefined : new TextEncoder().encode(given.text));
  if ('unreachable' in given) throw new Error(`only an action can find its host unreachable: ${given.unreachable}`);
  return { kind: 'command', ...given };
}

function toText(bytes: Uint8Array | undefined): Answer {
  return { kind: 'text', bytes, text: bytes && new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes) };
}

function toEntry({ mode, size, target, ...rest }: z.infer<typeof entry>) {
  const bits = Number.parseInt(mode, 8);
  return {
    ...rest,
    mode: bits,
    sizeBytes: size,
    modifiedS: 1_700_000_000,
    inode: 1,
    ...(target !== undefined && { target }),
  };
}

export function toInputs(inputs: Readonly<Record<string, string>>): readonly LoadedInput[] {
  return Object.entries(inputs).map(([path, text]) => {
    const sizeBytes = new TextEncoder().encode(text).length;
    return { path, content: bytesOf(text), sha256: sha256(text), sizeBytes };
  });
}

/** A change as a case writes it. */
export function shownChange({ what, before, after, steps, isText, isSecret }: Change): unknown {
  return {
    what,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
    ...(isText && { text: true }),
    ...(isSecret && { secret: true }),
    ...(steps.length > 0 && { steps: steps.map(shownStep) }),
  };
}

/** A step as a case writes it: the list of words; `sh` for a shell text, of which only the arguments are shown. */
export function shownStep(step: Step): unknown {
  if (step.kind === 'write') {
    const { path, content, mode, owner, group, validate } = step;
    const shown =
      content.kind === 'bytes'
        ? new TextDecoder().decode(content.bytes)
        : `${content.sizeBytes} bytes of ${content.path}`;
    return {
      write: path,
      content: shown,
      ...(mode !== undefined && { mode: formatMode(mode) }),
      ...(owner && { owner }),
      ...(group && { group }),
      ...(validate && { validate }),
    };
  }
  const { argv, stdin, directory, environment } = step;
  const rest = {
    ...(stdin !== undefined && { stdin: stdin instanceof Secret ? { secret: stdin.reveal() } : stdin }),
    ...(directory !== undefined && { directory }),
    ...(environment && { environment }),
  };
  if (argv[0] === 'sh' && argv[1] === '-c' && argv[3] === 'sh') return { sh: argv.slice(4), ...rest };
  return Object.keys(rest).length > 0 ? { run: argv, ...rest } : argv;
}
