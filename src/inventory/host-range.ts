import { isIPv6 as matchesIPv6 } from 'node:net';

/** Why a text names no hosts; `start` and `length` mark the part of the text that is at fault. */
export interface Fault {
  readonly kind: 'name' | 'port' | 'range' | 'count';
  readonly message: string;
  readonly hint?: string;
  readonly start: number;
  readonly length: number;
}

export type HostNames =
  | { readonly kind: 'names'; readonly names: readonly string[]; readonly port: number | undefined }
  | { readonly kind: 'fault'; readonly fault: Fault };

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const HOST_NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u;

/** Hosts that the first word of a host line names: ranges expanded, `:port` split off. Never more than `most`. */
export function expandHosts(word: string, most: number): HostNames {
  const { name, port } = splitPort(word);
  if (isIPv6(name)) return checked([name], port, word);
  const pieces = rangesOf(name);
  if ('fault' in pieces) return { kind: 'fault', fault: pieces.fault };
  const count = pieces.reduce((product, piece) => product * piece.length, 1);
  if (count > most) {
    const message = `${word} stands for ${count} hosts; an inventory may have ${most} more`;
    return { kind: 'fault', fault: { kind: 'count', message, start: 0, length: word.length } };
  }
  let names = [''];
  for (const piece of pieces) names = names.flatMap((head) => piece.map((part) => head + part));
  return checked(names, port, word);
}

function checked(names: readonly string[], port: string | undefined, word: string): HostNames {
  const whole = { start: 0, length: word.length };
  const bad = names.find((name) => !isHostName(name) && !isIPv6(name));
  if (bad !== undefined) {
    const hint = /^-+$/.test(bad) ? 'this looks like YAML; bench reads inventories in INI form' : nameHint(bad);
    const message = `"${bad}" is no host name`;
    return { kind: 'fault', fault: { kind: 'name', message, ...(hint && { hint }), ...whole } };
  }
  if (port === undefined) return { kind: 'names', names, port: undefined };
  const number = Number(port);
  if (number >= 1 && number <= 65_535) return { kind: 'names', names, port: number };
  const fault: Fault = { kind: 'port', message: `port ${port} is not between 1 and 65535`, ...whole };
  return { kind: 'fault', fault };
}

/** Plain names first: to compile the tables of all letters takes longer than to read a small inventory. */
function isHostName(text: string): boolean {
  return /^\w[\w.-]*$/.test(text) || HOST_NAME.test(text);
}

/** Node compiles a large expression at the first address: a name without a colon need not wait for it. */
function isIPv6(text: string): boolean {
  return text.includes(':') && matchesIPv6(text);
}

function nameHint(bad: string): string | undefined {
  if (bad.endsWith(':')) return 'write a port behind the colon, or take the colon away';
  if (bad.includes('=')) return 'a host line begins with the host; a variable for a group stands in a :vars section';
  return undefined;
}

function splitPort(word: string): { readonly name: string; readonly port?: string } {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(word);
  if (bracketed?.[1] && isIPv6(bracketed[1])) {
    return { name: bracketed[1], ...(bracketed[2] !== undefined && { port: bracketed[2] }) };
  }
  if (isIPv6(word)) return { name: word };
  const [, name, port] = /^((?:[^:[\]]|\[[^\]]*\])+):(\d+)$/.exec(word) ?? [];
  return name === undefined || port === undefined ? { name: word } : { name, port };
}

/** The text cut into its fixed parts (one possibility) and its ranges (many). */
function rangesOf(name: string): Countable[] | { readonly fault: Fault } {
  const pieces: Countable[] = [];
  let at = 0;
  while (at < name.length) {
    const open = name.indexOf('[', at);
    const fixed = name.slice(at, open < 0 ? name.length : open);
    if (fixed.includes(']')) return { fault: unbalanced(name, at + fixed.indexOf(']')) };
    if (fixed) pieces.push(countable(1, () => fixed));
    if (open < 0) break;
    const close = name.indexOf(']', open);
    if (close < 0) return { fault: unbalanced(name, open) };
    const range = readRange(name.slice(open + 1, close));
    if (typeof range === 'string') {
      const message = `[${name.slice(open + 1, close)}]: ${range}`;
      const hint = 'write [01:16], [1:9:2] or [a:d]';
      return { fault: { kind: 'range', message, hint, start: open, length: close - open + 1 } };
    }
    pieces.push(range);
    at = close + 1;
  }
  return pieces;
}

function unbalanced(name: string, at: number): Fault {
  return { kind: 'range', message: `"${name[at]}" has no counterpart`, start: at, length: 1 };
}

/** A range that is not expanded before its length is known to be bearable. */
interface Countable {
  readonly length: number;
  map(make: (part: string) => string): string[];
}

function countable(length: number, part: (index: number) => string): Countable {
  return { length, map: (make) => Array.from({ length }, (_, index) => make(part(index))) };
}

/** A range, or what is wrong with it. */
function readRange(text: string): Countable | string {
  const bounds = text.split(':');
  if (bounds.length !== 2 && bounds.length !== 3) return 'expected begin:end or begin:end:step';
  const [begin = '', end = '', stepText = '1'] = bounds;
  if (end === '') return 'the end is missing';
  if (!/^\d{1,9}$/.test(stepText) || Number(stepText) === 0) return `step "${stepText}" is no positive number`;
  const step = Number(stepText);
  if (/^[A-Za-z]$/.test(begin) && /^[A-Za-z]$/.test(end)) {
    const first = LETTERS.indexOf(begin);
    const last = LETTERS.indexOf(end);
    if (first > last) return 'the begin lies behind the end';
    return countable(Math.floor((last - first) / step) + 1, (index) => LETTERS[first + index * step] ?? '');
  }
  const from = begin === '' ? '0' : begin;
  if (!/^\d{1,15}$/.test(from) || !/^\d{1,15}$/.test(end))
    return 'begin and end are neither numbers nor single letters';
  const isPadded = from.length > 1 && from.startsWith('0');
  if (isPadded && from.length !== end.length) return `"${from}" and "${end}" differ in length`;
  const first = Number(from);
  const last = Number(end);
  if (first > last) return 'the begin lies behind the end';
  const width = isPadded ? from.length : 0;
  return countable(Math.floor((last - first) / step) + 1, (index) => String(first + index * step).padStart(width, '0'));
}
