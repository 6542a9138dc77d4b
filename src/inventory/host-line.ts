/** A word of a host line. Offsets count from 0 in the line; `end` is behind the last character. */
export interface Word {
  /** As written. */
  readonly raw: string;
  /** With the shell's quotes and backslashes taken away. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface HostLine {
  readonly words: readonly Word[];
  /** Offset of a quote that is never closed. */
  readonly openQuote: number | undefined;
  /** Offset of a `#` that ended a word although no blank stands before it. */
  readonly gluedComment: number | undefined;
}

/**
 * Splits a host line as a shell splits words: blanks part them, quotes and backslashes keep blanks in, `#` begins a
 * comment (Ansible: also inside a word). Beyond that, a value that begins with `[` or `{` reaches to its closing bracket.
 */
export function splitHostLine(line: string): HostLine {
  const words: Word[] = [];
  let at = 0;
  while (at < line.length) {
    if (/\s/.test(line[at] ?? '')) {
      at += 1;
      continue;
    }
    if (line[at] === '#') break;
    const word = readWord(line, at);
    if (word.openQuote !== undefined) return { words, openQuote: word.openQuote, gluedComment: undefined };
    words.push({ raw: line.slice(at, word.end), text: word.text, start: at, end: word.end });
    if (line[word.end] === '#') return { words, openQuote: undefined, gluedComment: word.end };
    at = word.end;
  }
  return { words, openQuote: undefined, gluedComment: undefined };
}

interface ReadWord {
  readonly text: string;
  readonly end: number;
  readonly openQuote?: number;
}

function readWord(line: string, start: number): ReadWord {
  let text = '';
  let at = start;
  while (at < line.length) {
    const character = line[at] ?? '';
    if (/\s/.test(character) || character === '#') break;
    const isValueStart = at > start && line[at - 1] === '=' && line.indexOf('=', start) === at - 1;
    const close = isValueStart && (character === '[' || character === '{') ? closingBracket(line, at) : undefined;
    if (close !== undefined) {
      text += line.slice(at, close + 1);
      at = close + 1;
    } else if (character === '"' || character === "'") {
      const end = closingQuote(line, at);
      if (end === undefined) return { text, end: line.length, openQuote: at };
      const inner = line.slice(at + 1, end);
      text += character === '"' ? inner.replace(/\\(["\\])/g, '$1') : inner;
      at = end + 1;
    } else if (character === '\\' && at + 1 < line.length) {
      text += line[at + 1] ?? '';
      at += 2;
    } else {
      text += character;
      at += 1;
    }
  }
  return { text, end: at };
}

function closingQuote(line: string, open: number): number | undefined {
  const quote = line[open];
  for (let at = open + 1; at < line.length; at += 1) {
    if (quote === '"' && line[at] === '\\') at += 1;
    else if (line[at] === quote) return at;
  }
  return undefined;
}

/** Offset of the bracket that closes the one at `open`; undefined when there is none. */
function closingBracket(line: string, open: number): number | undefined {
  let depth = 0;
  for (let at = open; at < line.length; at += 1) {
    const character = line[at];
    if (character === '"' || character === "'") {
      const end = closingQuote(line, at);
      if (end === undefined) return undefined;
      at = end;
    } else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return undefined;
}
