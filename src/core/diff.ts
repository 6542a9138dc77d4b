import { createTwoFilesPatch } from 'diff';

/** Longest text whose lines are compared: past it the comparison takes longer than a person waits. */
const LONGEST_COMPARED = 256 * 1024;

/** A unified diff with three lines of context, without the two heading lines; a note where the texts are too long. */
export function unifiedDiff(before: string, after: string, name: string): string {
  if (before.length + after.length > LONGEST_COMPARED) {
    return `(${before.length} and ${after.length} characters: too long to show line by line)\n`;
  }
  const patch = createTwoFilesPatch(name, name, before, after, 'before', 'after', { context: 3 });
  return patch.split('\n').slice(1).join('\n');
}
