import type { Readable, Writable } from 'node:stream';
import { UnreachableError } from '../core/errors.ts';

/** How a remote process ended, or why nothing more will be heard of it. */
export type ChannelExit =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'lost'; readonly cause: Error };

/** One remote process with its three streams. */
export interface Channel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Never rejects. May resolve while the streams still carry data. */
  readonly exit: Promise<ChannelExit>;
  /** Drops the channel. What runs at the other end may go on running. */
  close(): void;
}

/** A channel could not even be opened, so nothing that was to run on it has begun. */
export class NotOpenedError extends UnreachableError {}

/** A way to a host, already connected. */
export interface Transport {
  /** For messages: `root@xen1.example.com:22`. */
  readonly label: string;
  isAlive(): boolean;
  /** Starts a command line; the login shell of the user reads it. Rejects with `NotOpenedError`. */
  open(commandLine: string): Promise<Channel>;
  close(): Promise<void>;
}

/** Makes a connected transport. Rejects with `UnreachableError`, or with the reason of the signal. */
export type Dial = (signal: AbortSignal) => Promise<Transport>;
