import { quote } from '../connection/quote.ts';

const NARROWEST = 40;
const WIDEST = 120;
const DEFAULT_WIDTH = 80;

/** Columns to write for: the terminal's within reason, 80 where there is none. */
export function screenWidth(): number {
  return Math.min(WIDEST, Math.max(NARROWEST, process.stdout.columns || DEFAULT_WIDTH));
}

/** Colours are for terminals, unless NO_COLOR says no. */
export function colour(): 'on' | 'off' {
  return process.stdout.isTTY && !process.env['NO_COLOR'] ? 'on' : 'off';
}

/** A call of bench as it can be typed again. */
export function commandLine(words: readonly string[]): string {
  return ['bench', ...words.map(quote)].join(' ');
}
