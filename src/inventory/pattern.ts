import { type HostName, toHostName } from '../contract/host.ts';
import type { Diagnostic, Position } from '../core/diagnostic.ts';
import { counted, nearest } from '../core/text.ts';
import type { Inventory } from './inventory.ts';
import { type Term, termsOf } from './pattern-terms.ts';

export interface Selection {
  /** In the inventory's order, each one once. */
  readonly hosts: readonly HostName[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Text of a file named in a pattern as `@file`; undefined when there is none. */
export type ReadList = (file: string) => string | undefined;

/**
 * Hosts that a pattern means: `a:b` and `a,b` join, `&a` keeps only what is also in a, `!a` takes a away (both after
 * everything that joins, wherever they stand), `x*` and `~regular expression` match names of groups and hosts, `g[0]`,
 * `g[-1]` and `g[1:3]` (both ends included) count in the order of the group, `@file` takes one pattern a line.
 */
export function selectHosts(inventory: Inventory, pattern: string, at?: Position, readList?: ReadList): Selection {
  const diagnostics: Diagnostic[] = [];
  const report = (code: string, message: string, hint?: string) => {
    diagnostics.push({ code, ...(at && { at }), message, ...(hint && { hint }) });
  };
  const known = (name: string) => inventory.hosts.has(toHostName(name)) || inventory.groups.has(name);
  const terms: Term[] = [];
  for (const term of termsOf(pattern, known)) {
    if (!term.text.startsWith('@')) terms.push(term);
    else {
      const list = readList?.(term.text.slice(1));
      if (list === undefined) report('E_PATTERN_FILE', `cannot read the list of hosts "${term.text.slice(1)}"`);
      else for (const line of listLines(list)) terms.push(...termsOf(line, known));
    }
  }
  if (terms.length === 0 && diagnostics.length === 0)
    report('E_PATTERN', 'the pattern names no host', 'write all, a group or a host');

  const matched = (term: Term): ReadonlySet<HostName> => {
    const match = matchTerm(inventory, term);
    if (typeof match !== 'string') return new Set(match);
    report('E_PATTERN', match, match.startsWith('there is no') ? hintFor(inventory, term) : undefined);
    return new Set();
  };
  const joining = terms.filter(({ sign }) => sign === '');
  const chosen = new Set<HostName>(terms.length > 0 && joining.length === 0 ? inventory.hosts.keys() : []);
  for (const term of joining) for (const host of matched(term)) chosen.add(host);
  for (const sign of ['&', '!']) {
    for (const term of terms.filter((candidate) => candidate.sign === sign)) {
      const hosts = matched(term);
      for (const host of chosen) if (hosts.has(host) === (sign === '!')) chosen.delete(host);
    }
  }
  return { hosts: [...inventory.hosts.keys()].filter((host) => chosen.has(host)), diagnostics };
}

function listLines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}

/** Hosts of one term, or why there are none. A `!` or `&` term may match nothing; a name must exist. */
function matchTerm(inventory: Inventory, { text, sign }: Term): readonly HostName[] | string {
  const subscripted = /^(.+)\[(-?\d+)(?:([:-])(-?\d*))?\]$/.exec(text);
  if (subscripted && !inventory.hosts.has(toHostName(text))) {
    const [, name = '', first = '', separator, last] = subscripted;
    const hosts = matchName(inventory, name, sign);
    return typeof hosts === 'string' ? hosts : subscript(hosts, text, first, separator === undefined ? first : last);
  }
  return matchName(inventory, text, sign);
}

function subscript(hosts: readonly HostName[], text: string, first: string, last = ''): readonly HostName[] | string {
  const place = (index: number) => (index < 0 ? index + hosts.length : index);
  const from = place(Number(first));
  const to = last === '' ? hosts.length - 1 : place(Number(last));
  if (from < 0 || from >= hosts.length)
    return `${text}: the group has ${counted(hosts.length, 'host')}, counted from 0`;
  return hosts.slice(from, to + 1);
}

function matchName(inventory: Inventory, text: string, sign: Term['sign']): readonly HostName[] | string {
  if (text === 'all' || text === '*') return [...inventory.hosts.keys()];
  if (inventory.groups.has(text)) return hostsOfGroup(inventory, text);
  const host = toHostName(text);
  if (inventory.hosts.has(host)) return [host];
  const isExpression = text.startsWith('~');
  if (!isExpression && !/[*?[]/.test(text)) return `there is no host and no group "${text}"`;
  const expression = isExpression ? expressionOf(text.slice(1)) : globOf(text);
  if (!expression) return `"${text.slice(1)}" is no regular expression`;
  const groups = [...inventory.groups.keys()].filter((name) => expression.test(name));
  const hosts = [...inventory.hosts.keys()].filter((name) => expression.test(name));
  const all = new Set([...groups.flatMap((name) => hostsOfGroup(inventory, name)), ...hosts]);
  return all.size === 0 && sign === '' ? `no host and no group matches "${text}"` : [...all];
}

function expressionOf(text: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${text})`, 'u');
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

function globOf(text: string): RegExp {
  const source = text.replaceAll(/\[!?[^\]]+\]|[*?]|[^*?[]+|\[/g, (piece) => {
    if (piece === '*') return '.*';
    if (piece === '?') return '.';
    if (piece.length > 2 && piece.startsWith('['))
      return `[${piece.slice(1, -1).replace(/^!/, '^').replaceAll('\\', '\\\\')}]`;
    return piece.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${source}$`, 's');
}

/** Hosts of a group: its own in file order, then those of its children. `all` has every host. */
export function hostsOfGroup(inventory: Inventory, name: string): readonly HostName[] {
  if (name === 'all') return [...inventory.hosts.keys()];
  const hosts = new Set<HostName>();
  const groups = new Set([name]);
  for (const reached of groups) {
    const group = inventory.groups.get(reached);
    for (const host of group?.hosts ?? []) hosts.add(host);
    for (const child of group?.children ?? []) groups.add(child);
  }
  return [...hosts];
}

function hintFor(inventory: Inventory, { text }: Term): string | undefined {
  const near = nearest(text.replace(/\[.*$/, ''), [...inventory.groups.keys(), ...inventory.hosts.keys()]);
  if (near) return `did you mean "${near}"?`;
  const groups = [...inventory.groups.keys()].filter((name) => name !== 'ungrouped');
  return `groups: ${groups.join(', ')}`;
}
