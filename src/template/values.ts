import { Secret } from '../core/secret.ts';
import { nearest } from '../core/text.ts';
import { type Span, TextFault } from './fault.ts';

/** The variables that templates and conditions see. Properties may be getters; they are read only when used. */
export type Scope = Readonly<Record<string, unknown>>;

/** What `omit` stands for: a parameter or list item with this value is left out. */
export const OMIT: unique symbol = Symbol('omit');

/** An own property of a mapping, list or text; undefined when there is none. Inherited ones are never seen. */
export function propertyOf(value: unknown, name: string): unknown {
  if (value === null || value === undefined || value instanceof Secret) return undefined;
  return Object.hasOwn(Object(value), name) ? Reflect.get(Object(value), name) : undefined;
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Secret);
}

/** For messages: `a list`, `a mapping`, `a text`. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Secret || typeof value === 'string') return 'a text';
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return 'a number';
    case 'boolean':
      return 'a boolean';
    case 'object':
      return 'a mapping';
    default:
      return 'nothing';
  }
}

/** Secrets as their texts: for what goes to hosts, where the masker knows them. */
export function revealed(value: unknown): unknown {
  return value instanceof Secret ? value.reveal() : value;
}

/** The same for everything inside a value; a copy where there is anything to copy. */
export function revealedDeep(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revealedDeep);
  if (!isMapping(value)) return revealed(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revealedDeep(item)]));
}

/** The text of a value inside other text. Null is the empty text; lists and mappings have none. */
export function textOfValue(value: unknown, span: Span): string {
  const plain = revealed(value);
  if (typeof plain === 'string') return plain;
  if (typeof plain === 'number' || typeof plain === 'boolean' || typeof plain === 'bigint') return String(plain);
  if (plain === null) return '';
  if (plain === OMIT) {
    throw new TextFault('E_TEMPLATE_VALUE', 'omit stands alone: a parameter is either "{{omit}}" or a text', span);
  }
  const hint = Array.isArray(plain) ? "write {{join list ', '}} or {{json list}}" : 'write {{json value}}';
  throw new TextFault('E_TEMPLATE_VALUE', `${kindOf(plain)} has no text`, span, hint);
}

/** The fault for a name that is not there, with the nearest one that is. */
export function missing(
  path: { readonly name: string; readonly inside: string | undefined; readonly known: Iterable<string> },
  span: Span,
): TextFault {
  const { name, inside, known } = path;
  const near = nearest(name, known);
  const hint = near === undefined ? undefined : `did you mean "${near}"?`;
  if (inside === undefined)
    return new TextFault('E_UNDEFINED_VARIABLE', `variable "${name}" is not defined`, span, hint);
  return new TextFault('E_UNDEFINED_VARIABLE', `"${inside}" has no "${name}"`, span, hint ?? keysHint(inside, known));
}

const MOST_LISTED = 12;

function keysHint(inside: string, known: Iterable<string>): string | undefined {
  const names = [...known];
  return names.length > 0 && names.length <= MOST_LISTED ? `${inside} has ${names.join(', ')}` : undefined;
}
