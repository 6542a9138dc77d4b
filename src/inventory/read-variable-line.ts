import { type Draft, type DraftGroup, setVariable } from './draft.ts';
import type { Line } from './read-lines.ts';
import { quotedText, typedValue } from './value.ts';
import { checkVariableName } from './variable-name.ts';

/** `key = value` of a `:vars` section. */
export function readVariableLine(draft: Draft, group: DraftGroup, line: Line): void {
  const equals = line.text.indexOf('=');
  if (equals < 0) {
    draft.diagnostics.push({
      code: 'E_INVENTORY_VARIABLE_LINE',
      at: line.at(0, line.text.length),
      message: `expected key=value, got "${line.text}"`,
      hint: `a host or a group stands in a section of its own: [${group.name}] or [${group.name}:children]`,
    });
    return;
  }
  const key = line.text.slice(0, equals).trimEnd();
  if (!checkVariableName(draft, key, line.at(0, key.length))) return;
  const start = equals + 1 + (line.text.slice(equals + 1).length - line.text.slice(equals + 1).trimStart().length);
  const raw = line.text.slice(start);
  const at = line.at(0, line.text.length);
  const quote = raw[0];
  const bare = withoutComment(raw);
  if ((quote === '"' || quote === "'") && quotedText(bare) === undefined && !raw.slice(1).includes(quote)) {
    draft.diagnostics.push({
      code: 'E_INVENTORY_QUOTE',
      at: line.at(start, raw.length),
      message: `this ${quote} is never closed`,
      hint: `write a second ${quote} at the end of the value`,
    });
    return;
  }
  setVariable(draft, group, key, { value: lineValue(draft, line, raw, start), at });
}

/** Ansible lets a comment follow a number, a boolean, a list or a quoted text here, and takes it for a part of any other. */
function lineValue(draft: Draft, line: Line, raw: string, start: number): unknown {
  const bare = withoutComment(raw);
  if (bare === raw) return typedValue(raw);
  const value = typedValue(bare);
  if (typeof value !== 'string' || quotedText(bare) !== undefined) return value;
  draft.warnings.push({
    code: 'W_INVENTORY_COMMENT',
    at: line.at(start + bare.length, raw.length - bare.length),
    message: 'this is a part of the value: in a :vars section no comment follows a text',
    hint: `put the comment on a line of its own, or the value in quotes: "${bare}"`,
  });
  return raw;
}

/** What stands before the first `#` that follows a blank and is not in quotes. */
function withoutComment(raw: string): string {
  const quoted = /^("(?:[^"\\]|\\.)*"|'[^']*')\s*#/.exec(raw);
  if (quoted?.[1]) return quoted[1];
  const at = raw.search(/\s#/);
  return at < 0 || raw.startsWith('"') || raw.startsWith("'") ? raw : raw.slice(0, at).trimEnd();
}
