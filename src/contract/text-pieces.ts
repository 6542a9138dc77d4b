import type { Position } from '../core/diagnostic.ts';
import type { YamlNode } from './yaml-node.ts';

/** From `offset` of the value on, the value's characters stand one for one at `line` and `column`, up to the next piece. */
export interface TextPiece {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** Place of a scalar whose value does not stand in the file as it is: quoted, folded, over several lines. */
export interface TextPosition extends Position {
  readonly pieces: readonly TextPiece[];
}

/**
 * Place of a part of a text. `at` is where the text begins; without pieces the text stands in the file as it is (a
 * template file, a plain scalar).
 */
export function positionInside(
  at: Position | TextPosition,
  text: string,
  part: { readonly offset: number; readonly length: number },
): Position {
  const offset = Math.min(Math.max(0, part.offset), text.length);
  const firstLine = text.slice(offset, offset + part.length).split('\n')[0] ?? '';
  const length = Math.max(1, firstLine.length);
  if ('pieces' in at) {
    const piece = at.pieces.findLast((candidate) => candidate.offset <= offset);
    if (piece) return { file: at.file, line: piece.line, column: piece.column + offset - piece.offset, length };
  }
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = at.line + (before.match(/\n/g)?.length ?? 0);
  return { file: at.file, line, column: lineStart === 0 ? at.column + offset : offset - lineStart + 1, length };
}

/** The place of a scalar with its pieces, where it needs them. `lines` are those of the file, `value` what YAML made of them. */
export function withPieces(at: Position, lines: readonly string[], value: string): Position | TextPosition {
  const first = lines[at.line - 1];
  if (first === undefined) return at;
  const quote = blockHeader(lines, at) ? undefined : first[at.column - 1];
  const isQuoted = quote === '"' || quote === "'";
  if (!isQuoted && !value.includes('\n') && first.startsWith(value, at.column - 1)) return at;

  const separator = !isQuoted ? /$^/ : quote === '"' ? /\\(?:x..|u.{4}|U.{8}|.)/g : /''/g;
  const pieces: TextPiece[] = [];
  let cursor = 0;
  for (let number = at.line; number <= lines.length && cursor < value.trimEnd().length; number += 1) {
    const line = lines[number - 1] ?? '';
    let column = number === at.line ? at.column - 1 + (isQuoted ? 1 : 0) : line.search(/\S|$/);
    for (const segment of segmentsOf(isQuoted ? untilQuote(line, column, quote) : line, column, separator)) {
      const found = matchingStart(value, segment.text, cursor);
      if (found) {
        pieces.push({ offset: found.offset, line: number, column: segment.start + 1 });
        cursor = found.offset + found.length;
      }
      column = segment.start + segment.text.length;
    }
  }
  return { ...at, pieces };
}

/** Whether the line above (blank ones not counted) ends with the head of a block scalar: `|`, `>-`, `|2`. */
function blockHeader(lines: readonly string[], at: Position): boolean {
  if ((lines[at.line - 1] ?? '').slice(0, at.column - 1).trim() !== '') return false;
  for (let number = at.line - 1; number >= 1; number -= 1) {
    const line = lines[number - 1] ?? '';
    if (line.trim() !== '') return /[|>][-+\d]{0,2}\s*(#.*)?$/.test(line);
  }
  return false;
}

/** The line up to the quote that closes the scalar, if it is in this line. */
function untilQuote(line: string, from: number, quote: string | undefined): string {
  const inside = quote === '"' ? /^(?:\\.|[^"\\])*/ : /^(?:''|[^'])*/;
  return line.slice(0, from) + (inside.exec(line.slice(from))?.[0] ?? '');
}

function* segmentsOf(line: string, from: number, separator: RegExp): Generator<{ text: string; start: number }> {
  let start = from;
  for (const match of line.slice(from).matchAll(new RegExp(separator, 'g'))) {
    const end = from + match.index;
    if (end > start) yield { text: line.slice(start, end), start };
    start = end + match[0].length;
  }
  if (start < line.length) yield { text: line.slice(start).trimEnd(), start };
}

/** Where a line's text goes on in the value; the end of the line may belong to what follows the scalar. */
function matchingStart(value: string, text: string, cursor: number): { offset: number; length: number } | undefined {
  const offset = value.indexOf(text, cursor);
  if (text !== '' && offset >= 0) return { offset, length: text.length };
  const rest = value.slice(cursor).trimStart();
  if (rest === '' || text === '') return undefined;
  let length = 0;
  while (length < text.length && text[length] === rest[length]) length += 1;
  return length === 0 ? undefined : { offset: value.length - rest.length, length };
}

/** A node whose texts know the places of their parts, also where they do not stand in the file as they are. */
export function locateTexts(node: YamlNode, lines: readonly string[]): YamlNode {
  switch (node.kind) {
    case 'scalar':
      return typeof node.value === 'string' ? { ...node, at: withPieces(node.at, lines, node.value) } : node;
    case 'sequence':
      return { ...node, items: node.items.map((item) => locateTexts(item, lines)) };
    case 'mapping':
      return { ...node, entries: node.entries.map((entry) => ({ ...entry, value: locateTexts(entry.value, lines) })) };
  }
}
