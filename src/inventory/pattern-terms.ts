/** One name, glob, expression or `@file` of a pattern, with what it does to the others. */
export interface Term {
  readonly sign: '' | '&' | '!';
  readonly text: string;
}

/**
 * Cuts a pattern at commas and colons that stand outside of brackets, parentheses and braces. What is `known` as a whole
 * is not cut: an IPv6 address can be a host's name.
 */
export function termsOf(pattern: string, known: (name: string) => boolean): Term[] {
  return cut(pattern, ',')
    .flatMap((part) => (known(toTerm(part).text) ? [part] : cut(part, ':')))
    .map(toTerm)
    .filter(({ text }) => text !== '');
}

function toTerm(part: string): Term {
  const text = part.trim();
  const sign = text[0] === '&' || text[0] === '!' ? text[0] : '';
  return { sign, text: text.slice(sign.length).trim() };
}

function cut(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '\\') at += 1;
    else if ('[({'.includes(character)) depth += 1;
    else if ('])}'.includes(character)) depth = Math.max(0, depth - 1);
    else if (character === separator && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}
