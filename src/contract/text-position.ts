import type { Position } from '../core/diagnostic.ts';

/** Place of the character at `offset`. */
export type Locate = (offset: number, length?: number) => Position;

/** Turns offsets into a text to lines and columns; a line ends at `\n`. */
export function locator(text: string, file: string): Locate {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset, length) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const column = offset - (starts[low] ?? 0) + 1;
    return { file, line: low + 1, column, ...(length !== undefined && { length }) };
  };
}
