import type { Position } from '../core/diagnostic.ts';
import { linesOf, suggest } from '../core/text.ts';
import { type Draft, type DraftGroup, draftGroup, newDraft } from './draft.ts';
import { readHostLine } from './read-host-line.ts';
import { readVariableLine } from './read-variable-line.ts';

const SUFFIXES = ['children', 'vars'];
const GROUP_NAME = /^[^\s:,&![\]*~#;]+$/;

type Section =
  | { readonly kind: 'hosts' | 'children' | 'vars'; readonly group: DraftGroup }
  /** After a heading that cannot be read: its lines are not judged. */
  | { readonly kind: 'unknown' };

/** A line without the blanks around it, and how many characters stand before it. */
export interface Line {
  readonly text: string;
  at(start: number, length: number): Position;
}

/** Reads an inventory file line by line, as if it began with `[ungrouped]`. Every problem of a line is noted. */
export function readLines(source: string, file: string): Draft {
  const draft = newDraft(file);
  let section: Section = { kind: 'hosts', group: draftGroup(draft, 'ungrouped', { file, line: 1, column: 1 }) };
  for (const [index, raw] of linesOf(source).entries()) {
    const text = raw.trim();
    if (text === '' || text.startsWith('#') || text.startsWith(';')) continue;
    const indent = raw.indexOf(text);
    const line: Line = {
      text,
      at: (start, length) => ({ file, line: index + 1, column: indent + start + 1, length: Math.max(1, length) }),
    };
    const heading = readHeading(draft, line);
    if (heading) section = heading;
    else if (section.kind === 'hosts') readHostLine(draft, section.group, line);
    else if (section.kind === 'vars') readVariableLine(draft, section.group, line);
    else if (section.kind === 'children') readChildLine(draft, section.group, line);
  }
  return draft;
}

/** The section that a line opens; undefined for a line that is no heading. */
function readHeading(draft: Draft, line: Line): Section | undefined {
  if (!line.text.startsWith('[')) return undefined;
  const match = /^\[([^:\]\s]+)(?::(\w*))?\]\s*(?:#.*)?$/.exec(line.text);
  if (!match) {
    // Not closed, or with blanks in it; `[fe80::1]:22` and `[1:3]node` are host lines.
    if (!/\]\s*(#.*)?$/.test(line.text) && line.text.includes(']')) return undefined;
    const at = line.at(0, line.text.length);
    report(
      draft,
      'E_INVENTORY_SECTION',
      at,
      headingFault(line.text),
      'write [group], [group:vars] or [group:children]',
    );
    return { kind: 'unknown' };
  }
  const [, name = '', suffix] = match;
  const kind = suffix ?? 'hosts';
  if (kind !== 'hosts' && kind !== 'children' && kind !== 'vars') {
    const at = line.at(name.length + 2, kind.length);
    report(draft, 'E_INVENTORY_SECTION', at, `unknown section suffix "${kind}"`, suggest(kind, SUFFIXES));
    draftGroup(draft, name, line.at(1, name.length)).isDefined = true;
    return { kind: 'unknown' };
  }
  checkGroupName(draft, name, line.at(1, name.length));
  const group = draftGroup(draft, name, line.at(1, name.length));
  if (kind !== 'vars') group.isDefined = true;
  return { kind, group };
}

function headingFault(text: string): string {
  if (!text.includes(']')) return 'this section heading is not closed';
  return /\s/.test(text.slice(0, text.indexOf(']')))
    ? 'a section heading holds no blanks'
    : 'no section heading looks like this';
}

function readChildLine(draft: Draft, parent: DraftGroup, line: Line): void {
  const [, name = ''] = /^(\S+)\s*(?:#.*)?$/.exec(line.text) ?? [];
  if (name === '') {
    const message = `expected the name of one group, got "${line.text}"`;
    report(draft, 'E_INVENTORY_CHILD', line.at(0, line.text.length), message, 'write one group a line');
    return;
  }
  const at = line.at(0, name.length);
  checkGroupName(draft, name, at);
  draftGroup(draft, name, at);
  if (!parent.children.has(name)) parent.children.set(name, at);
}

function checkGroupName(draft: Draft, name: string, at: Position): void {
  if (GROUP_NAME.test(name)) return;
  const message = `"${name}" is no group name: patterns give a meaning to one of its characters`;
  report(draft, 'E_INVENTORY_GROUP_NAME', at, message, 'use letters, digits and _');
}

function report(draft: Draft, code: string, at: Position, message: string, hint: string): void {
  draft.diagnostics.push({ code, at, message, hint });
}
