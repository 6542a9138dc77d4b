import { PreconditionError } from '../core/errors.ts';

/** One word of a POSIX shell that stands for exactly this text. Throws when the text holds a NUL, which no argument can. */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : inQuotes(text);
}

/** A command line on which no shell finds anything to expand. The first word is never taken for a keyword or an alias. */
export function quoteAll(argv: readonly string[]): string {
  const [command = '', ...rest] = argv;
  return [inQuotes(command), ...rest.map(quote)].join(' ');
}

function inQuotes(text: string): string {
  if (text.includes('\0')) {
    throw new PreconditionError(`${JSON.stringify(text)} holds a NUL character, which no command takes`);
  }
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The path in a form that no tool takes for an option. */
export function plainPath(path: string): string {
  return path.startsWith('/') ? path : `./${path}`;
}
