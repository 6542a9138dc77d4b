import type { Secret } from '../core/secret.ts';
import type { Frame, SectionAnswer } from './frame.ts';

declare const hostName: unique symbol;
/** A machine's name in the inventory. */
export type HostName = string & { readonly [hostName]: true };

export function toHostName(name: string): HostName {
  return name as HostName;
}

/** As whom a frame runs: as the user who logged in, or as another one through sudo. */
export type Privilege =
  | { readonly kind: 'login' }
  | { readonly kind: 'sudo'; readonly user: string; readonly password?: Secret };

export interface ExchangeOptions {
  readonly privilege: Privilege;
  /** Variables that every command of the frame gets. */
  readonly environment?: Readonly<Record<string, string>>;
  /** After this time the frame's commands are ended and `TimeLimitError` is thrown; the session stays usable. */
  readonly limitMs?: number;
  /** Pieces of what the steps write, as they come, with the number of their section. */
  readonly onOutput?: (piece: string, section: number) => void;
  /** The answer of a section that acts, as soon as it is known; the last one may come with the whole frame only. */
  readonly onAnswer?: (answer: SectionAnswer, section: number) => void;
  readonly signal: AbortSignal;
}

export interface SessionCounters {
  readonly roundTrips: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

/**
 * A live connection to one host. Frames of one privilege run one after the other, in the order of the calls.
 * Everything throws `UnreachableError` when the host cannot be talked to any more; the next call connects again.
 */
export interface Session {
  readonly host: HostName;
  exchange(frame: Frame, options: ExchangeOptions): Promise<readonly SectionAnswer[]>;
  /**
   * Runs one command in a channel of its own, beside the frames: for what lasts long or reads a stream.
   * `stdout` is given piece by piece. Resolves with the exit code.
   */
  stream(argv: readonly string[], options: StreamOptions): Promise<StreamEnd>;
  /** Drops the connection, if any, and makes a new one. */
  reconnect(signal: AbortSignal): Promise<void>;
  counters(): SessionCounters;
  close(): Promise<void>;
}

export interface StreamOptions {
  readonly privilege: Privilege;
  readonly stdin?: Uint8Array | string;
  readonly onStdout?: (piece: Uint8Array) => void;
  readonly onStderr?: (piece: Uint8Array) => void;
  /** Aborting it ends the command on the host, with SIGTERM to its process group, and resolves. */
  readonly signal: AbortSignal;
}

export interface StreamEnd {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined;
}

/** Gives the session of a host, connecting at the first call. */
export type Connect = (host: HostName, signal: AbortSignal) => Promise<Session>;
