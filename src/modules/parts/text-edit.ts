import { type Answer, type PathEntry, type Probe, pathOf, textOf } from '../../contract/probe.ts';
import { bytesOf, type Change, runShell, type Step } from '../../contract/step.ts';
import { PreconditionError } from '../../core/errors.ts';
import { type Attributes, planAttributes, targetMode } from './attributes.ts';
import { splitWords } from './words.ts';

/** A text file of the host that a module edits, links followed. */
export interface EditedFile {
  readonly entry: PathEntry | undefined;
  /** Undefined when nothing stands there. */
  readonly text: string | undefined;
}

export interface EditOptions {
  readonly attributes?: Attributes;
  readonly validate?: string | undefined;
  readonly backup?: boolean | undefined;
  /** How the change is called; `content of PATH` by default. */
  readonly what?: string;
}

export function probeEdit(path: string): readonly Probe[] {
  return [pathOf(path), textOf(path)];
}

/** Throws `PreconditionError` where something stands that is no text in UTF-8: writing it back would destroy it. */
export function readEdit(answers: readonly Answer[], path: string): EditedFile {
  const entry = answers.find((answer) => answer.kind === 'path')?.entry;
  const content = answers.find((answer) => answer.kind === 'text');
  if (!content?.bytes) {
    // A link to nothing is a file to be made at the link's end.
    if (!entry || entry.type === 'symlink') return { entry, text: undefined };
    throw new PreconditionError(
      `${path} is a ${entry.type}${entry.type === 'file' ? ' that cannot be read' : ', not a file'}`,
    );
  }
  const text = content.text ?? '';
  if (!isSame(content.bytes, new TextEncoder().encode(text))) {
    throw new PreconditionError(`${path} is no text in UTF-8`, 'module copy replaces a file as a whole');
  }
  return { entry, text };
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** Brings the file from its text to `after`, and its attributes to those asked for. */
export function planEdit(path: string, file: EditedFile, after: string, options: EditOptions = {}): readonly Change[] {
  const { entry, text } = file;
  const attributes = entry && entry.type !== 'symlink' ? planAttributes(path, entry, options.attributes ?? {}) : [];
  if (text === after) return attributes;
  const change: Change = {
    what: options.what ?? (text === undefined ? `file ${path}` : `content of ${path}`),
    before: text,
    after,
    isText: true,
    steps: editSteps(path, file, after, options),
  };
  return [change, ...attributes.map((attribute) => ({ ...attribute, steps: [] }))];
}

/** Writes beside the link's target and renames over it: the link stays a link. */
const WRITE_THROUGH = `target=$(readlink -f -- "$1") && new=$target.bench~ &&
{ [ ! -e "$target" ] || cp -p -- "$target" "$new"; } && cat >"$new" && mv -f -- "$new" "$target"`;

function editSteps(path: string, { entry, text }: EditedFile, after: string, options: EditOptions): Step[] {
  const { mode, owner, group } = options.attributes ?? {};
  const steps: Step[] = [];
  if (options.backup && text !== undefined)
    steps.push(runShell('cp -p -- "$1" "$1.$(date +%Y-%m-%d@%H:%M:%S)~"', path));
  if (entry?.type === 'symlink') {
    if (options.validate !== undefined) {
      throw new PreconditionError(
        `${path} is a link to ${entry.target ?? '?'}`,
        '"validate" needs the path of the file itself',
      );
    }
    return [...steps, { kind: 'run', argv: ['sh', '-c', WRITE_THROUGH, 'sh', path], stdin: after }];
  }
  steps.push({
    kind: 'write',
    path,
    content: bytesOf(after),
    ...(mode !== undefined && { mode: targetMode(mode, entry?.mode ?? 0o644, 'file') }),
    ...(owner !== undefined && { owner: String(owner) }),
    ...(group !== undefined && { group: String(group) }),
    ...(options.validate !== undefined && { validate: splitWords(options.validate) ?? [] }),
  });
  return steps;
}
