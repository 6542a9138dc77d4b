import type { Secret } from '../core/secret.ts';

/** One thing done to a host, as a value. */
export type Step = RunStep | WriteStep;

/** Runs a command; no shell reads the arguments. Standard input is empty unless given. */
export interface RunStep {
  readonly kind: 'run';
  readonly argv: readonly string[];
  readonly stdin?: string | Secret;
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
  /** Exit codes that count as done; `any` where the caller judges. Default: 0 alone. */
  readonly accept?: readonly number[] | 'any';
}

/**
 * Replaces a file in one moment: written beside it, given mode and owner, then renamed over it. Mode and owner that are
 * left out stay as the old file's; a new file gets 0644 and the session's user.
 */
export interface WriteStep {
  readonly kind: 'write';
  readonly path: string;
  readonly content: Content;
  readonly mode?: number;
  readonly owner?: string;
  readonly group?: string;
  /** Command that must accept the new file before it takes the old one's place; `%s` stands for its path. */
  readonly validate?: readonly string[];
}

/** Bytes in memory, or a file of the controller that is streamed. */
export type Content =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'file'; readonly path: string; readonly sizeBytes: number; readonly sha256: string };

export interface StepResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly elapsedMs: number;
}

/** One difference between what is and what was asked for, and how to remove it. */
export interface Change {
  /** What changes, for people: `mode of /etc/hosts`, `package xen`. */
  readonly what: string;
  /** What is now; undefined when there is nothing yet. */
  readonly before: string | undefined;
  /** What will be; undefined when it goes away. */
  readonly after: string | undefined;
  readonly steps: readonly Step[];
  /** `before` and `after` are whole texts, shown as a unified diff. */
  readonly isText?: boolean;
  /** `before` and `after` must never be shown. */
  readonly isSecret?: boolean;
}

/** Runs a command with its arguments. */
export function run(...argv: readonly string[]): RunStep {
  return { kind: 'run', argv };
}

/** Runs a POSIX shell text; `args` are its `$1`, `$2`, … so that nothing need be quoted into the text. */
export function runShell(text: string, ...args: readonly string[]): RunStep {
  return { kind: 'run', argv: ['sh', '-c', text, 'sh', ...args] };
}

export function bytesOf(text: string): Content {
  return { kind: 'bytes', bytes: new TextEncoder().encode(text) };
}
