import { type Draft, type DraftGroup, draftHost, MOST_HOSTS, setVariable } from './draft.ts';
import { splitHostLine, type Word } from './host-line.ts';
import { expandHosts, type Fault } from './host-range.ts';
import type { Variable } from './inventory.ts';
import type { Line } from './read-lines.ts';
import { flowValue, quotedText, typedValue } from './value.ts';
import { checkVariableName } from './variable-name.ts';

const FAULT_CODE: Readonly<Record<Fault['kind'], string>> = {
  name: 'E_INVENTORY_HOST_NAME',
  port: 'E_INVENTORY_PORT',
  range: 'E_INVENTORY_RANGE',
  count: 'E_INVENTORY_TOO_MANY_HOSTS',
};

/** `host[:port] key=value …`, also with ranges: notes the hosts, their group and their variables. */
export function readHostLine(draft: Draft, group: DraftGroup, line: Line): void {
  const { words, openQuote, gluedComment } = splitHostLine(line.text);
  if (openQuote !== undefined) {
    const quote = line.text[openQuote];
    const at = line.at(openQuote, line.text.length - openQuote);
    draft.diagnostics.push({
      code: 'E_INVENTORY_QUOTE',
      at,
      message: `this ${quote} is never closed`,
      hint: `write a second ${quote}, or a backslash before the one that belongs to the value`,
    });
    return;
  }
  if (gluedComment !== undefined) {
    draft.warnings.push({
      code: 'W_INVENTORY_COMMENT',
      at: line.at(gluedComment, line.text.length - gluedComment),
      message: 'what stands behind # is a comment, although no blank stands before it',
      hint: 'put the value in quotes where # belongs to it',
    });
  }
  const [first, ...rest] = words;
  if (!first) return;
  const variables = readAssignments(draft, line, rest);
  const hosts = expandHosts(first.text, MOST_HOSTS - draft.hosts.size);
  const at = line.at(first.start, first.end - first.start);
  if (hosts.kind === 'fault') {
    const { kind, message, hint, start, length } = hosts.fault;
    const place = first.raw === first.text ? line.at(first.start + start, length) : at;
    draft.diagnostics.push({ code: FAULT_CODE[kind], at: place, message, ...(hint && { hint }) });
    return;
  }
  for (const name of hosts.names) {
    const host = draftHost(draft, name, at);
    group.hosts.add(host.name);
    if (hosts.port !== undefined) setVariable(draft, host, 'ansible_port', { value: hosts.port, at });
    for (const [key, variable] of variables) setVariable(draft, host, key, variable);
  }
}

function readAssignments(draft: Draft, line: Line, words: readonly Word[]): [string, Variable][] {
  const variables: [string, Variable][] = [];
  const lone = words.find(({ raw }) => raw.startsWith('=') || raw === '=');
  if (lone) {
    draft.diagnostics.push({
      code: 'E_INVENTORY_HOST_LINE',
      at: line.at(lone.start, 1),
      message: 'a blank stands before this =; on a host line it parts words',
      hint: 'write key=value without blanks',
    });
    return [];
  }
  for (const word of words) {
    const equals = word.text.indexOf('=');
    const at = line.at(word.start, word.end - word.start);
    if (equals < 0) {
      const message = `expected key=value, got "${word.text}"`;
      const hint = word.text.startsWith(';')
        ? 'behind a host only # begins a comment'
        : 'put a value with blanks in quotes; write one host a line';
      draft.diagnostics.push({ code: 'E_INVENTORY_HOST_LINE', at, message, hint });
      if (word.text.startsWith(';')) break;
      continue;
    }
    const key = word.text.slice(0, equals);
    if (!checkVariableName(draft, key, line.at(word.start, Math.max(1, key.length)))) continue;
    variables.push([key, { value: wordValue(draft, word, at), at }]);
  }
  return variables;
}

function wordValue(draft: Draft, word: Word, at: Variable['at']): unknown {
  const rawValue = word.raw.slice(word.raw.indexOf('=') + 1);
  const text = word.text.slice(word.text.indexOf('=') + 1);
  // Quotes around the whole word (`'key=some value'`) or around a part of the value: the shell's reading is a text.
  const hasPartQuotes = rawValue !== text && quotedText(rawValue) === undefined;
  if (hasPartQuotes) return text;
  if (quotedText(rawValue) !== undefined && flowValue(text) !== undefined) {
    draft.warnings.push({
      code: 'W_INVENTORY_QUOTED_LIST',
      at,
      message: 'this is a text, because it stands in quotes',
      hint: `for a list or a map write ${word.raw.slice(0, word.raw.indexOf('='))}=${text}`,
    });
  }
  return typedValue(rawValue);
}
