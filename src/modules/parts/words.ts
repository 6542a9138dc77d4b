/**
 * Splits a command into words as a POSIX shell does, without expanding anything: blanks part words, quotes and
 * backslashes join them. Undefined when a quote is not closed.
 */
export function splitWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote: '"' | "'" | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quote) {
      if (character === quote) quote = undefined;
      else if (character === '\\' && quote === '"' && '"\\$`\n'.includes(text.charAt(at + 1))) {
        at += 1;
        word = (word ?? '') + text.charAt(at);
      } else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (character === '\\') {
      at += 1;
      if (at === text.length) return undefined;
      if (text.charAt(at) !== '\n') word = (word ?? '') + text.charAt(at);
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (quote) return undefined;
  if (word !== undefined) words.push(word);
  return words;
}

/** A command that names at least its program. */
export function isCommand(text: string): boolean {
  return (splitWords(text)?.length ?? 0) > 0;
}
