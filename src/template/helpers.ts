import { posix } from 'node:path';
import { dump, load } from 'js-yaml';
import { messageOf } from '../core/errors.ts';
import { isMapping, kindOf, propertyOf, revealedDeep } from './values.ts';

/** One word that templates know beside `#if`, `#unless`, `#each` and `#with`. */
export interface TemplateHelper {
  readonly name: string;
  /** How it is written, with what it gives: one line of the documentation. */
  readonly usage: string;
  readonly summary: string;
  readonly least: number;
  readonly most: number;
  /** The first argument may be undefined. */
  readonly isLenient?: boolean;
  /** Throws HelperError when an argument does not fit. */
  readonly call: (args: readonly unknown[]) => unknown;
}

/** An argument that does not fit; the message goes on after "helper "x": ". */
export class HelperError extends Error {}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new HelperError(`expected a list, got ${kindOf(value)}`);
}

function numberOf(value: unknown): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && !Number.isNaN(number)) return number;
  throw new HelperError(`expected a number, got ${typeof value === 'string' ? `"${value}"` : kindOf(value)}`);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new HelperError(`expected a text, got ${kindOf(value)}`);
}

/** Numbers and texts of numbers compare as numbers, so that inventory values do. */
function compare(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  return numberOf(a) - numberOf(b);
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b));
}

function isTrue(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function lookup(container: unknown, key: unknown): unknown {
  const found = propertyOf(container, textOf(key));
  if (found !== undefined) return found;
  const known = isMapping(container) ? Object.keys(container) : [];
  throw new HelperError(
    `no "${textOf(key)}" ${known.length > 0 ? `among ${known.slice(0, 12).join(', ')}` : `in ${kindOf(container)}`}`,
  );
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  if (isMapping(value)) return Object.keys(value).length;
  throw new HelperError(`expected a list, a mapping or a text, got ${kindOf(value)}`);
}

function contains(container: unknown, value: unknown): boolean {
  if (typeof container === 'string') return container.includes(textOf(value));
  return Array.isArray(container)
    ? container.some((item) => isSame(item, value))
    : Object.hasOwn(Object(container), textOf(value));
}

/** Longest list that `range` makes. */
const LONGEST_RANGE = 10_000;

function range(from: number, to: number): readonly number[] {
  if (to - from > LONGEST_RANGE) throw new HelperError(`more than ${LONGEST_RANGE} numbers`);
  return Array.from({ length: Math.max(0, Math.ceil(to - from)) }, (_, index) => from + index);
}

function indent(text: string, width: number): string {
  return text.replaceAll(/\n(?=[^\n])/g, `\n${' '.repeat(Math.max(0, width))}`);
}

function encodeBase64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function decodeBase64(text: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
  } catch (cause) {
    throw new HelperError('expected base64 of a UTF-8 text', { cause });
  }
}

function fromYaml(text: string): unknown {
  try {
    return load(text);
  } catch (cause) {
    throw new HelperError(`expected YAML: ${messageOf(cause)}`, { cause });
  }
}

function sorted(list: readonly unknown[]): readonly unknown[] {
  return list.toSorted(compare);
}

function unique(list: readonly unknown[]): readonly unknown[] {
  return list.filter((item, index) => list.findIndex((other) => isSame(other, item)) === index);
}

type Row = readonly [
  name: string,
  usage: string,
  summary: string,
  least: number,
  most: number,
  call: TemplateHelper['call'],
];

const ROWS: readonly Row[] = [
  [
    'default',
    '{{default value fallback}}',
    'The value, or the fallback where it is not defined.',
    2,
    2,
    ([a, b]) => (a === undefined ? b : a),
  ],
  ['defined', '{{#if (defined path)}}', 'Whether the variable or path is defined.', 1, 1, ([a]) => a !== undefined],
  [
    'lookup',
    '{{lookup container key}}',
    'Item of a mapping or list by a key that is itself a value.',
    2,
    2,
    ([a, b]) => lookup(a, b),
  ],
  [
    'ternary',
    '{{ternary condition yes no}}',
    'One of two values.',
    3,
    3,
    ([test, yes, no]) => (isTrue(test) ? yes : no),
  ],
  ['eq', '{{#if (eq a b)}}', 'Whether two values are the same, type included.', 2, 2, ([a, b]) => isSame(a, b)],
  ['ne', '{{#if (ne a b)}}', 'Whether two values differ.', 2, 2, ([a, b]) => !isSame(a, b)],
  ['lt', '{{#if (lt a b)}}', 'Whether a is below b.', 2, 2, ([a, b]) => compare(a, b) < 0],
  ['le', '{{#if (le a b)}}', 'Whether a is at most b.', 2, 2, ([a, b]) => compare(a, b) <= 0],
  ['gt', '{{#if (gt a b)}}', 'Whether a is above b.', 2, 2, ([a, b]) => compare(a, b) > 0],
  ['ge', '{{#if (ge a b)}}', 'Whether a is at least b.', 2, 2, ([a, b]) => compare(a, b) >= 0],
  ['and', '{{#if (and a b …)}}', 'Whether all are true.', 2, 99, (args) => args.every(isTrue)],
  ['or', '{{#if (or a b …)}}', 'Whether one is true.', 2, 99, (args) => args.some(isTrue)],
  ['not', '{{#if (not a)}}', 'Whether it is false, empty or zero.', 1, 1, ([a]) => !isTrue(a)],
  [
    'contains',
    '{{#if (contains container value)}}',
    'Whether a list has an item, a mapping a key, a text a part.',
    2,
    2,
    ([a, b]) => contains(a, b),
  ],
  ['add', '{{add a b …}}', 'Sum of numbers.', 2, 99, (args) => args.map(numberOf).reduce((sum, item) => sum + item, 0)],
  ['subtract', '{{subtract a b}}', 'a minus b.', 2, 2, ([a, b]) => numberOf(a) - numberOf(b)],
  [
    'multiply',
    '{{multiply a b …}}',
    'Product of numbers.',
    2,
    99,
    (args) => args.map(numberOf).reduce((product, item) => product * item, 1),
  ],
  [
    'divide',
    '{{divide a b}}',
    'a divided by b, rounded down.',
    2,
    2,
    ([a, b]) => Math.floor(numberOf(a) / numberOf(b)),
  ],
  ['int', '{{int text}}', 'A number from a text, without its fraction.', 1, 1, ([a]) => Math.trunc(numberOf(a))],
  [
    'range',
    '{{#each (range from to) as |n|}}',
    'Whole numbers from the first up to, not including, the last.',
    2,
    2,
    ([a, b]) => range(numberOf(a), numberOf(b)),
  ],
  ['length', '{{length value}}', 'How many items, keys or characters.', 1, 1, ([a]) => lengthOf(a)],
  ['first', '{{first list}}', 'First item.', 1, 1, ([a]) => lookup(listOf(a), '0')],
  ['last', '{{last list}}', 'Last item.', 1, 1, ([a]) => lookup(listOf(a), String(listOf(a).length - 1))],
  [
    'join',
    "{{join list ', '}}",
    'Items in one text; the separator is a comma where none is given.',
    1,
    2,
    ([a, b = ',']) => listOf(a).map(textOf).join(textOf(b)),
  ],
  ['split', "{{split text ','}}", 'Parts of a text as a list.', 2, 2, ([a, b]) => textOf(a).split(textOf(b))],
  [
    'map',
    '{{map list key}}',
    'The value of one key of each item, as a list.',
    2,
    2,
    ([a, b]) => listOf(a).map((item) => lookup(item, b)),
  ],
  ['sort', '{{sort list}}', 'Sorted, smallest first.', 1, 1, ([a]) => sorted(listOf(a))],
  ['unique', '{{unique list}}', 'Each value once.', 1, 1, ([a]) => unique(listOf(a))],
  ['concat', '{{concat list list …}}', 'Lists one after the other.', 2, 99, (args) => args.flatMap(listOf)],
  ['keys', '{{keys mapping}}', 'Keys as a list.', 1, 1, ([a]) => Object.keys(Object(a))],
  ['values', '{{values mapping}}', 'Values as a list.', 1, 1, ([a]) => Object.values(Object(a))],
  ['upper', '{{upper text}}', 'In upper case.', 1, 1, ([a]) => textOf(a).toUpperCase()],
  ['lower', '{{lower text}}', 'In lower case.', 1, 1, ([a]) => textOf(a).toLowerCase()],
  ['trim', '{{trim text}}', 'Without space at both ends.', 1, 1, ([a]) => textOf(a).trim()],
  [
    'replace',
    '{{replace text from to}}',
    'Every `from` replaced by `to`.',
    3,
    3,
    ([a, from, to]) => textOf(a).replaceAll(textOf(from), () => textOf(to)),
  ],
  [
    'indent',
    '{{indent text width}}',
    'Every line but the first moved right.',
    2,
    2,
    ([a, b]) => indent(textOf(a), numberOf(b)),
  ],
  [
    'quote',
    '{{quote text}}',
    'As one word for a POSIX shell.',
    1,
    1,
    ([a]) => `'${textOf(a).replaceAll("'", "'\\''")}'`,
  ],
  ['basename', '{{basename path}}', 'Last part of a path.', 1, 1, ([a]) => posix.basename(textOf(a))],
  ['dirname', '{{dirname path}}', 'Path without its last part.', 1, 1, ([a]) => posix.dirname(textOf(a))],
  [
    'json',
    '{{json value}}',
    'As JSON; with a number, on several lines indented by it.',
    1,
    2,
    ([a, width]) => JSON.stringify(revealedDeep(a), undefined, width === undefined ? undefined : numberOf(width)),
  ],
  ['from_yaml', '{{from_yaml text}}', 'What a YAML text says, as a value.', 1, 1, ([a]) => fromYaml(textOf(a))],
  ['yaml', '{{yaml value}}', 'As YAML.', 1, 1, ([a]) => dump(revealedDeep(a)).trimEnd()],
  ['b64encode', '{{b64encode text}}', 'In base64.', 1, 1, ([a]) => encodeBase64(textOf(a))],
  ['b64decode', '{{b64decode text}}', 'From base64.', 1, 1, ([a]) => decodeBase64(textOf(a))],
];

const LENIENT: ReadonlySet<string> = new Set(['default', 'defined']);

/** Every helper, in the order of the documentation. */
export const TEMPLATE_HELPERS: readonly TemplateHelper[] = ROWS.map(([name, usage, summary, least, most, call]) => ({
  name,
  usage,
  summary,
  least,
  most,
  isLenient: LENIENT.has(name),
  call,
}));

export const HELPERS_BY_NAME: ReadonlyMap<string, TemplateHelper> = new Map(
  TEMPLATE_HELPERS.map((helper) => [helper.name, helper]),
);
