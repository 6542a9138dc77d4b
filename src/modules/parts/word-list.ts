/** The words of a text that blanks part, as tools print their lists. */
export function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
