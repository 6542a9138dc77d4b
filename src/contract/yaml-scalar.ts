import { boolCoreTag, floatCoreTag, intCoreTag, NOT_RESOLVED, nullCoreTag, type ScalarTagDefinition } from 'js-yaml';

/** A plain scalar's value by YAML 1.2's core schema: `yes`, `no`, `on`, `off` and dates are texts. */
export function plainValue(source: string): string | number | boolean | null {
  for (const tag of [nullCoreTag, boolCoreTag, intCoreTag, floatCoreTag]) {
    const value = tag.resolve(source, false, tag.tagName);
    if (value !== NOT_RESOLVED) return value;
  }
  return source;
}

const BY_TAG: ReadonlyMap<string, ScalarTagDefinition<number | boolean | null>> = new Map<
  string,
  ScalarTagDefinition<number | boolean | null>
>([
  ['!!null', nullCoreTag],
  ['!!bool', boolCoreTag],
  ['!!int', intCoreTag],
  ['!!float', floatCoreTag],
]);

export const KNOWN_TAGS = ['!', '!!str', ...BY_TAG.keys(), '!!seq', '!!map'];

/** The value of a scalar under an explicit tag; undefined when the text does not fit the tag. */
export function taggedValue(source: string, tag: string): string | number | boolean | null | undefined {
  const definition = BY_TAG.get(tag);
  if (!definition) return source;
  const value = definition.resolve(source, true, definition.tagName);
  return value === NOT_RESOLVED ? undefined : value;
}

/** Whether a number read from `source` lost digits, so that writing it back would give another number. */
export function isInexact(value: string | number | boolean | null): boolean {
  return typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
}
