import { stripVTControlCharacters } from 'node:util';

/** Breaks a text at blanks so that no line is longer than `width`; a longer word is broken where the line ends. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line.trimEnd(), Math.max(8, width)));
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const blank = rest.lastIndexOf(' ', width);
    const indent = rest.length - rest.trimStart().length;
    const cut = blank > indent ? blank : width;
    lines.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
  }
  return [...lines, rest];
}

/** The text, or as much of its beginning as fits with `…` behind it. */
export function clip(text: string, width: number): string {
  const [line = ''] = text.split('\n', 1);
  if (line.length <= width) return line;
  return width < 1 ? '' : `${line.slice(0, width - 1).trimEnd()}…`;
}

/** `left` and `right` at the two ends of a line; `left` is clipped where both do not fit. */
export function spread(left: string, right: string, width: number): string {
  if (right === '') return clip(left, width);
  const room = width - right.length - 2;
  return `${clip(left, room).padEnd(room)}  ${right}`;
}

export function indented(lines: readonly string[], by: number): string[] {
  return lines.map((line) => (line === '' ? '' : `${' '.repeat(by)}${line}`));
}

/** Whole number with its digits in groups: `4 812`. */
export function grouped(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ' ');
}

/** Rows with columns of equal width, two blanks between them. */
export function table(rows: readonly (readonly string[])[], align: readonly ('left' | 'right')[]): string[] {
  const widths = align.map((_, column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    align
      .map((side, column) => {
        const cell = row[column] ?? '';
        return side === 'left' ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
      })
      .join('  ')
      .trimEnd(),
  );
}

/**
 * What a host wrote, without what would move the cursor, colour the screen or ring the bell. Of a line that was written
 * over again and again, as progress bars do, the last state is left.
 */
export function printable(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/\r+$/gm, '')
    .replaceAll(/^.*\r/gm, '')
    .replaceAll('\t', '    ')
    .replaceAll(/(?!\n)\p{Cc}/gu, '?');
}
