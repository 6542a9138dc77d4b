import type { Position } from '../core/diagnostic.ts';

/** A difference as it is shown and stored: a Change without its steps, secrets masked. */
export interface ChangeRecord {
  readonly what: string;
  readonly before: string | null;
  readonly after: string | null;
  /** Unified diff, when before and after are whole texts. */
  readonly diff?: string;
}

/** Why something failed, in the order in which a reader wants to know it. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** The command that failed, secrets masked. */
  readonly command?: string;
  readonly exitCode?: number;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly at?: Position;
}

export type Outcome =
  | { readonly status: 'ok' }
  | { readonly status: 'changed'; readonly changes: readonly ChangeRecord[] }
  | { readonly status: 'skipped'; readonly reason: string }
  /** Check mode cannot know: an earlier predicted change would have to be real first. */
  | { readonly status: 'unknown'; readonly reason: string }
  | { readonly status: 'failed'; readonly failure: Failure; readonly isIgnored: boolean }
  | { readonly status: 'unreachable'; readonly failure: Failure; readonly isIgnored: boolean };

export type OutcomeStatus = Outcome['status'];

/** How often each outcome came, for one host. */
export type Tally = Readonly<Record<OutcomeStatus | 'rescued' | 'ignored', number>>;
