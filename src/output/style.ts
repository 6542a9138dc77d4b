import { styleText } from 'node:util';
import type { OutcomeStatus } from '../contract/outcome.ts';

/** What a line says by its first character; colours only repeat it. */
export const SIGN = {
  ok: '✔',
  changed: '+',
  skipped: '-',
  unknown: '?',
  failed: '✖',
  unreachable: '✖',
  warning: '!',
} as const satisfies Record<OutcomeStatus | 'warning', string>;

const COLOUR = {
  ok: 'green',
  changed: 'yellow',
  skipped: 'gray',
  unknown: 'cyan',
  failed: 'red',
  unreachable: 'red',
  warning: 'magenta',
} as const satisfies Record<keyof typeof SIGN, Parameters<typeof styleText>[0]>;

export type Paint = (meaning: keyof typeof SIGN, text: string) => string;

export function painter(colour: 'on' | 'off'): Paint {
  if (colour === 'off') return (_, text) => text;
  // The caller has already looked at the terminal and at NO_COLOR.
  return (meaning, text) => styleText(COLOUR[meaning], text, { validateStream: false });
}
