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
    const number = String(at.line).padStart(5);
    lines.push(`${number} | ${expandTabs(source)}`);
    const before = expandTabs(source.slice(0, at.column - 1)).length;
    lines.push(`      | ${' '.repeat(before)}${'^'.repeat(Math.max(1, at.length ?? 1))}`);
  }
  if (hint) lines.push(`  hint: ${hint}`);
  return lines.join('\n');
}

function expandTabs(text: string): string {
  return text.replaceAll('\t', '  ');
}
