import { Optional } from '@marcbachmann/cel-js';
import { Secret } from '../core/secret.ts';
import { isMapping } from './values.ts';

/**
 * A value as conditions see it: whole numbers are CEL's int (so that `rc + 1` and `7 % 2` work), other numbers its
 * double. Mappings are converted item by item as they are read: most of a scope never is.
 */
export function toCel(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map((item) => toCel(item) ?? null);
  if (value instanceof Secret) return value.reveal();
  if (isMapping(value)) return lazily(value, Object.keys(value));
  return typeof value === 'symbol' || typeof value === 'function' ? undefined : value;
}

/** The named properties of `source`, each converted when it is first read. Names that it does not have are left out. */
export function lazily(source: Readonly<Record<string, unknown>>, names: Iterable<string>): Record<string, unknown> {
  const lifted: Record<string, unknown> = Object.create(null);
  for (const name of names) {
    if (!Object.hasOwn(source, name)) continue;
    Object.defineProperty(lifted, name, {
      enumerable: true,
      configurable: true,
      get() {
        const value = toCel(source[name]);
        Object.defineProperty(lifted, name, { value, enumerable: true });
        return value;
      },
    });
  }
  return lifted;
}

/** What a condition gave, as the rest of bench has it: ints are numbers again. */
export function fromCel(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(fromCel);
  if (value instanceof Set) return [...value].map(fromCel);
  if (value instanceof Optional) return value.hasValue() ? fromCel(value.value()) : null;
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const entries = value instanceof Map ? [...value.entries()] : Object.entries(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (value instanceof Map || prototype === null || prototype === Object.prototype) {
    return Object.fromEntries(entries.map(([key, item]) => [String(key), fromCel(item)]));
  }
  return String(value);
}
