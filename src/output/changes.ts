import type { ChangeRecord } from '../contract/outcome.ts';
import { linesOf } from '../core/text.ts';
import { clip, indented, printable } from './layout.ts';
import type { Paint } from './style.ts';

/** What was changed, in one line: as many names as fit, then how many more there are. */
export function namesOf(changes: readonly ChangeRecord[], width: number): string {
  const names = changes.map(({ what }) => what);
  for (let shown = names.length; shown > 0; shown -= 1) {
    const rest = names.length - shown;
    const text = `${names.slice(0, shown).join(', ')}${rest > 0 ? `, ${rest} more` : ''}`;
    if (text.length <= width) return text;
    if (shown === 1) return clip(text, width);
  }
  return '';
}

/** Changes with what is before and after, texts as a unified diff. What has neither, a command, is told by its name alone. */
export function renderChanges(changes: readonly ChangeRecord[], paint: Paint, width: number): string[] {
  return changes.flatMap((change) => {
    if (change.diff !== undefined) return indented([change.what, ...diffLines(change.diff, paint)], 5);
    if (change.before === null && change.after === null) return [];
    const short = `${change.what}: ${change.before ?? 'nothing'} -> ${change.after ?? 'nothing'}`;
    if (short.length <= width - 5 && !short.includes('\n')) return indented([printable(short)], 5);
    return indented([change.what, ...side('-', change.before, paint), ...side('+', change.after, paint)], 5);
  });
}

function side(sign: '-' | '+', text: string | null, paint: Paint): string[] {
  if (text === null) return [];
  const meaning = sign === '-' ? 'failed' : 'ok';
  return linesOf(printable(text)).map((line) => `  ${paint(meaning, `${sign} ${line}`)}`);
}

function diffLines(diff: string, paint: Paint): string[] {
  return linesOf(printable(diff))
    .filter((line) => !line.startsWith('==='))
    .map((line) => {
      if (line.startsWith('+')) return `  ${paint('ok', line)}`;
      return line.startsWith('-') ? `  ${paint('failed', line)}` : `  ${line}`;
    });
}
