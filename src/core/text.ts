/** Lines of a text without their ends; a final line end makes no empty last line. */
export function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** `KEY=value` lines (systemctl show, os-release, grub2-editenv) as a map; quotes around a value are taken off. */
export function keyValues(text: string, separator = '='): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const line of linesOf(text)) {
    const at = line.indexOf(separator);
    if (at <= 0) continue;
    pairs.set(line.slice(0, at).trim(), unquote(line.slice(at + separator.length).trim()));
  }
  return pairs;
}

function unquote(value: string): string {
  const quote = value[0];
  return value.length >= 2 && (quote === '"' || quote === "'") && value.endsWith(quote) ? value.slice(1, -1) : value;
}

/** The last `count` lines, with a first line that says how many were left out. */
export function tailOf(text: string, count: number): string {
  const lines = linesOf(text);
  if (lines.length <= count) return lines.join('\n');
  return [`[${lines.length - count} lines before these]`, ...lines.slice(-count)].join('\n');
}

/** `1 task`, `2 tasks`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The known word within two edits of `word`, if there is exactly one nearest. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = 3;
  for (const candidate of known) {
    const edits = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (edits < least) [best, least] = [candidate, edits];
  }
  return best;
}

/** A hint for an unknown word: the nearest known one, else the whole list. */
export function suggest(word: string, known: Iterable<string>): string {
  const words = [...known];
  const near = nearest(word, words);
  return near ? `did you mean "${near}"?` : `known: ${words.sort().join(', ')}`;
}

/** Optimal string alignment distance: insert, delete, replace, swap of neighbours, each one edit. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      let cost = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + same,
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, (before[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    [before, previous] = [previous, current];
  }
  return previous[b.length] ?? 0;
}
