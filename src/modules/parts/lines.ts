import { z } from 'zod';

/** A text cut so that joining the pieces gives the same bytes again. */
export interface Lines {
  readonly lines: readonly string[];
  /** `\r\n` where the file's first line ends so. */
  readonly lineEnd: '\n' | '\r\n';
}

export function splitLines(text: string): Lines {
  const lineEnd = /^[^\n]*\r\n/.test(text) ? '\r\n' : '\n';
  const lines = text.split(lineEnd);
  if (lines.at(-1) === '') lines.pop();
  return { lines, lineEnd };
}

/** The text of the lines; the last one gets its end too. */
export function joinLines({ lines, lineEnd }: Lines): string {
  return lines.map((line) => line + lineEnd).join('');
}

/** Parameter that holds a JavaScript regular expression. */
export const pattern = z.string().refine((text) => {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}, 'not a regular expression of JavaScript');

/** Parameters that say where a new line or block goes, to be spread into a schema. */
export const placeParams = {
  insertafter: pattern.optional().meta({
    description: 'Put it behind the last line that this regular expression finds, or at the end: `EOF` (the default).',
    examples: ['^\\[main\\]', 'EOF'],
  }),
  insertbefore: pattern.optional().meta({
    description: 'Put it before the last line that this regular expression finds, or at the beginning: `BOF`.',
    examples: ['^exit 0', 'BOF'],
  }),
};

/** Index before which something new goes. A pattern that finds nothing means the end. */
export function placeFor(
  lines: readonly string[],
  {
    insertafter,
    insertbefore,
  }: { readonly insertafter?: string | undefined; readonly insertbefore?: string | undefined },
): number {
  if (insertbefore === 'BOF' || insertafter === 'BOF') return 0;
  if (insertbefore !== undefined && insertbefore !== 'EOF') {
    const at = lastMatch(lines, insertbefore);
    return at < 0 ? lines.length : at;
  }
  if (insertafter === undefined || insertafter === 'EOF') return lines.length;
  const at = lastMatch(lines, insertafter);
  return at < 0 ? lines.length : at + 1;
}

export function lastMatch(lines: readonly string[], text: string): number {
  const expression = new RegExp(text);
  return lines.findLastIndex((line) => expression.test(line));
}
