/** A place in one of the user's files. `line` and `column` count from 1; `length` is how many characters the caret line marks. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length?: number;
}

/** One mistake in the user's files. `code` is stable and greppable (`E_UNKNOWN_KEY`); `hint` is something the reader can type. */
export interface Diagnostic {
  readonly code: string;
  readonly at?: Position;
  readonly message: string;
  readonly hint?: string;
}

/** Thrown when the user's files cannot be used. Holds every mistake that was found, never only the first. Exit code 2. */
export class DiagnosticError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((diagnostic) => formatHeadline(diagnostic)).join('\n'));
    this.name = 'DiagnosticError';
    this.diagnostics = diagnostics;
  }
}

export function formatPosition(at: Position): string {
  return `${at.file}:${at.line}:${at.column}`;
}

function formatHeadline({ at, message, code }: Diagnostic): string {
  return `${at ? `${formatPosition(at)}: ` : ''}${message} [${code}]`;
}

/**
 * The text a user reads: headline, source line, caret, hint. `sourceOf` gives a file's text, or undefined where it
 * cannot be read any more (the excerpt is then left out).
 */
export function formatDiagnostic(diagnostic: Diagnostic, sourceOf: (file: string) => string | undefined): string {
  const lines = [formatHeadline(diagnostic)];
  const { at, hint } = diagnostic;
  const source = at && sourceOf(at.file)?.split(/\r?\n/)[at.line - 1];
  if (at && source !== undefined) {
    lines.push(...excerpt(source, at));
  }
  if (hint) lines.push(`  hint: ${hint}`);
  return lines.join('\n');
}

/** Most characters of a source line that are shown: a longer one is shown around the place. */
const EXCERPT_WIDTH = 100;

function excerpt(source: string, { line, column, length = 1 }: Position): string[] {
  const before = visible(source.slice(0, column - 1));
  const text = visible(source);
  const begin =
    text.length <= EXCERPT_WIDTH ? 0 : Math.max(0, Math.min(before.length - 40, text.length - EXCERPT_WIDTH));
  const shown = `${begin > 0 ? '…' : ''}${text.slice(begin === 0 ? 0 : begin + 1, begin + EXCERPT_WIDTH)}`;
  const marked = Math.max(1, Math.min(length, EXCERPT_WIDTH - (before.length - begin)));
  return [
    `${String(line).padStart(5)} | ${shown}${begin + EXCERPT_WIDTH < text.length ? '…' : ''}`,
    `      | ${' '.repeat(before.length - begin)}${'^'.repeat(marked)}`,
  ];
}

/** Tabs as blanks; what would move a terminal's cursor as a question mark. */
function visible(text: string): string {
  return text.replaceAll('\t', '  ').replaceAll(/\p{Cc}/gu, '?');
}
