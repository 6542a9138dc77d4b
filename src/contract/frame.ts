import type { Answer, Probe } from './probe.ts';
import type { Step, StepResult } from './step.ts';

/** What goes to a host in one round trip: questions, and steps that run only where the host is still as it was asked. */
export interface Frame {
  readonly sections: readonly Section[];
}

export type Section = AskSection | ActSection;

export interface AskSection {
  readonly kind: 'ask';
  readonly probes: readonly Probe[];
}

/**
 * The host asks `guard.probes` again, compares with `guard.fingerprint`, and runs the steps only when they are equal;
 * after the last step it answers `after`. A step that fails ends its section.
 */
export interface ActSection {
  readonly kind: 'act';
  readonly guard?: Guard;
  readonly steps: readonly Step[];
  readonly after: readonly Probe[];
  /** What a failed step means for the sections behind this one. */
  readonly onFailure: 'stop' | 'continue';
  /** A code other than 0 counts as a failure for the sections behind, though the step accepts it. */
  readonly stopsOnNonZero?: boolean;
  /** For who makes the frame: only the answers to `after` tell whether it came out well, so nothing acts behind it. */
  readonly isOpenEnded?: boolean;
}

export interface Guard {
  readonly probes: readonly Probe[];
  /** From the earlier answer to the same probes. Opaque. */
  readonly fingerprint: string;
}

/** One for each section of the frame, in order. */
export type SectionAnswer =
  | { readonly kind: 'answers'; readonly answers: readonly Answer[]; readonly fingerprint: string }
  | {
      readonly kind: 'done';
      readonly results: readonly StepResult[];
      readonly after: readonly Answer[];
      readonly fingerprint: string;
    }
  /** A step ended with a code it does not accept: the last of `results`. */
  | { readonly kind: 'stepFailed'; readonly results: readonly StepResult[] }
  /**
   * The host is no longer as it was when the guard's answers were given, here or in a section before this one. Nothing of
   * the section ran, nor does anything behind it in the frame: the guards behind it are only asked.
   */
  | { readonly kind: 'stale'; readonly answers: readonly Answer[]; readonly fingerprint: string }
  | { readonly kind: 'notReached' };
