import { linesOf } from '../core/text.ts';
import { type Iqn, seenIqn } from './iqn.ts';

/** iscsid reads it when it starts, and only then. */
export const INITIATOR_NAME_FILE = '/etc/iscsi/initiatorname.iscsi';

/** The name in the text of `initiatorname.iscsi`; undefined where it has none. The last line counts, comments do not. */
export function parseInitiatorName(text: string): Iqn | undefined {
  const names = linesOf(text).flatMap((line) => /^\s*InitiatorName\s*=\s*(\S+)/.exec(line)?.[1] ?? []);
  const name = names.at(-1);
  return name === undefined ? undefined : seenIqn(name);
}

export function renderInitiatorName(name: Iqn): string {
  return `InitiatorName=${name}\n`;
}
