import { z } from 'zod';
import type { YamlNode } from '../contract/yaml-node.ts';

/** A schema without what only wraps it: optional, default, nullable, pipe. */
function unwrapped(schema: unknown): unknown {
  let inner = schema;
  for (;;) {
    if (inner instanceof z.ZodPipe) inner = inner.def.in;
    else if (inner instanceof z.ZodLazy) inner = inner.def.getter();
    else if (isWrapper(inner)) inner = inner.def.innerType;
    else return inner;
  }
}

function isWrapper(schema: unknown): schema is { readonly def: { readonly innerType: unknown } } {
  return (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNonOptional ||
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodCatch
  );
}

/** Names that a schema takes at a path; none where it takes any, or no mapping at all. */
export function knownKeys(schema: unknown, path: readonly PropertyKey[]): readonly string[] {
  const bare = unwrapped(schema);
  const [key, ...rest] = path;
  if (bare instanceof z.ZodUnion)
    return [...new Set(bare.options.flatMap((option: unknown) => knownKeys(option, path)))];
  if (bare instanceof z.ZodIntersection)
    return [bare.def.left, bare.def.right].flatMap((part) => knownKeys(part, path));
  if (bare instanceof z.ZodArray) return key === undefined ? [] : knownKeys(bare.def.element, rest);
  if (bare instanceof z.ZodRecord) return key === undefined ? [] : knownKeys(bare.def.valueType, rest);
  if (!(bare instanceof z.ZodObject)) return [];
  return key === undefined ? Object.keys(bare.shape) : knownKeys(bare.shape[String(key)], rest);
}

/** What a schema's author noted beside the description. */
export interface ParameterNotes {
  readonly syntax?: unknown;
  readonly file?: unknown;
}

/** Calls `visit` for each part of a value whose schema carries notes (`.meta({ … })`). */
export function visitNoted(
  schema: unknown,
  node: YamlNode,
  visit: (notes: ParameterNotes, node: YamlNode) => void,
): void {
  let inner = schema;
  for (;;) {
    const notes = inner instanceof z.ZodType ? inner.meta() : undefined;
    if (notes) visit({ syntax: notes['syntax'], file: notes['file'] }, node);
    if (inner instanceof z.ZodPipe) inner = inner.def.in;
    else if (isWrapper(inner)) inner = inner.def.innerType;
    else break;
  }
  const bare = unwrapped(inner);
  if (bare instanceof z.ZodUnion) {
    for (const option of bare.options) if (mayHold(option, node)) visitNoted(option, node, visit);
  } else if (bare instanceof z.ZodArray && node.kind === 'sequence') {
    for (const item of node.items) visitNoted(bare.def.element, item, visit);
  } else if (bare instanceof z.ZodObject && node.kind === 'mapping') {
    for (const { key, value } of node.entries) visitNoted(bare.shape[key], value, visit);
  } else if (bare instanceof z.ZodRecord && node.kind === 'mapping') {
    for (const { value } of node.entries) visitNoted(bare.def.valueType, value, visit);
  }
}

function mayHold(schema: unknown, node: YamlNode): boolean {
  const bare = unwrapped(schema);
  if (bare instanceof z.ZodArray) return node.kind === 'sequence';
  if (bare instanceof z.ZodObject || bare instanceof z.ZodRecord) return node.kind === 'mapping';
  return bare instanceof z.ZodUnion || node.kind === 'scalar';
}
