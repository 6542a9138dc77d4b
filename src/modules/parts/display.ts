/** A value as a person reads it: a text as it is, everything else as JSON, on one line where it is short. */
export function displayText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined) return 'undefined';
  const short = toJson(value);
  return short.length <= 100 ? short : toJson(value, 2);
}

/** CEL's integers are bigints, which JSON does not know. */
function toJson(value: unknown, indent?: number): string {
  const replace = (_key: string, item: unknown) => {
    if (typeof item === 'bigint') return Number(item);
    return item instanceof Map ? Object.fromEntries(item) : item;
  };
  return JSON.stringify(value, replace, indent) ?? String(value);
}
