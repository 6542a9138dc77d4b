/** The text that a terminal shows after it was sent `written`: as much of one as log-update needs. */
export function screenOf(written: string): string[] {
  const rows: string[][] = [[]];
  let row = 0;
  let column = 0;
  const at = (index: number): string[] => {
    while (rows.length <= index) rows.push([]);
    return rows[index] ?? [];
  };
  for (const [piece, , count = '', command] of written.matchAll(new RegExp(`${CSI}([0-9;?]*)([A-Za-z])|([^])`, 'gu'))) {
    const steps = Number(count === '' ? 1 : count);
    if (command === 'A') row = Math.max(0, row - steps);
    else if (command === 'B') row += steps;
    else if (command === 'G') column = steps - 1;
    else if (command === 'K') at(row).splice(count === '2' ? 0 : column);
    else if (command === 'J') rows.splice(row + 1);
    else if (piece === '\n') row += 1;
    else if (piece === '\r') column = 0;
    else if (command === undefined) {
      const line = at(row);
      while (line.length < column) line.push(' ');
      line[column] = piece;
      column += 1;
    }
  }
  return rows.map((cells) => cells.join('').trimEnd());
}

const CSI = '(\\u001b\\[)';
