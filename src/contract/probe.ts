/**
 * Read-only questions to a host, as values. They have kinds so that a session can merge them: all `path` probes of a
 * frame are one `stat`, all `digest` probes one `sha256sum`. Whoever asks never sees how it was asked.
 */
export type Probe = PathProbe | DigestProbe | TextProbe | CommandProbe;

/** What stands at a path (lstat: a symbolic link is itself). */
export interface PathProbe {
  readonly kind: 'path';
  readonly path: string;
}

/** SHA-256 of a regular file's content (links are followed). */
export interface DigestProbe {
  readonly kind: 'digest';
  readonly path: string;
}

/** A file's content (links are followed). */
export interface TextProbe {
  readonly kind: 'text';
  readonly path: string;
}

/** What a command that changes nothing answers. */
export interface CommandProbe {
  readonly kind: 'command';
  readonly argv: readonly string[];
  readonly stdin?: string;
  /** The answer differs from one moment to the next by nature (free memory, a counter): not part of the guard of an apply. */
  readonly isVolatile?: boolean;
}

export interface PathAnswer {
  readonly kind: 'path';
  /** Undefined when nothing stands there. */
  readonly entry: PathEntry | undefined;
}

export type EntryType = 'file' | 'directory' | 'symlink' | 'block' | 'character' | 'fifo' | 'socket';

export interface PathEntry {
  readonly type: EntryType;
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  /** Modification time, whole seconds since 1970. */
  readonly modifiedS: number;
  readonly inode: number;
  /** Where a symbolic link points, as it is written in it. */
  readonly target?: string;
}

export interface DigestAnswer {
  readonly kind: 'digest';
  /** Undefined when no readable regular file stands there. */
  readonly sha256: string | undefined;
}

export interface TextAnswer {
  readonly kind: 'text';
  /** Undefined when no readable regular file stands there. */
  readonly bytes: Uint8Array | undefined;
  /** The same, decoded as UTF-8. */
  readonly text: string | undefined;
}

export interface CommandAnswer {
  readonly kind: 'command';
  /** Exit code as the shell gives it: 127 when there is no such command, 128 + N after signal N. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type Answer = PathAnswer | DigestAnswer | TextAnswer | CommandAnswer;

export type AnswerTo<P extends Probe> = Extract<Answer, { readonly kind: P['kind'] }>;

/** The answers to a list of probes, one for one and in their order. */
export type AnswersTo<L extends readonly Probe[]> = { readonly [I in keyof L]: AnswerTo<L[I]> };

export function pathOf(path: string): PathProbe {
  return { kind: 'path', path };
}

export function digestOf(path: string): DigestProbe {
  return { kind: 'digest', path };
}

export function textOf(path: string): TextProbe {
  return { kind: 'text', path };
}

/** Asks a command with its arguments; no shell reads them. */
export function ask(...argv: readonly string[]): CommandProbe {
  return { kind: 'command', argv };
}

/** Asks by a POSIX shell text; `args` are its `$1`, `$2`, … so that nothing need be quoted into the text. */
export function askShell(text: string, ...args: readonly string[]): CommandProbe {
  return { kind: 'command', argv: ['sh', '-c', text, 'sh', ...args] };
}

/** The same question, marked as one whose answer differs from one moment to the next by nature. */
export function volatile(probe: CommandProbe): CommandProbe {
  return { ...probe, isVolatile: true };
}
