import type { TargetCommand } from './targetcli.ts';

/** One difference, and the lines that remove it. */
export interface TargetChange {
  readonly what: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly isSecret?: boolean;
  readonly commands: readonly TargetCommand[];
}
