import { positionInside, type TextPosition } from '../contract/text-pieces.ts';
import { type Diagnostic, DiagnosticError, type Position } from '../core/diagnostic.ts';

/** A stretch of a template's or condition's text, in characters. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** Something wrong at a stretch of a text whose file is not known yet. Never leaves `template/`: see `located`. */
export class TextFault extends Error {
  readonly code: string;
  readonly span: Span;
  readonly hint: string | undefined;

  constructor(code: string, message: string, span: Span, hint?: string) {
    super(message);
    this.name = 'TextFault';
    this.code = code;
    this.span = span;
    this.hint = hint;
  }
}

export function toDiagnostic(fault: TextFault, text: string, at: Position | TextPosition): Diagnostic {
  const { code, message, hint } = fault;
  return { code, at: positionInside(at, text, fault.span), message, ...(hint && { hint }) };
}

/** Runs `work`; a fault in `text` becomes a DiagnosticError with its place in the file. */
export function located<T>(text: string, at: Position | TextPosition, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof TextFault) throw new DiagnosticError([toDiagnostic(thrown, text, at)]);
    throw thrown;
  }
}

/** Most texts that one cache holds: far above any playbook's, so that a long run with ever new texts stays small. */
const MOST_CACHED = 5000;

/** Remembers what `make` gave for a text. */
export function cachedByText<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    if (known.size >= MOST_CACHED) known.clear();
    const made = make(text);
    known.set(text, made);
    return made;
  };
}
