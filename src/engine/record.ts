import type { ChangeRecord } from '../contract/outcome.ts';
import type { Change, Step } from '../contract/step.ts';
import { unifiedDiff } from '../core/diff.ts';
import { Secret } from '../core/secret.ts';

const HIDDEN = '(hidden)';

/** How a change is shown and stored. */
export function toRecord(change: Change): ChangeRecord {
  const { what, before, after } = change;
  if (change.isSecret) return { what, before: HIDDEN, after: HIDDEN };
  if (change.isText) {
    const name = what.split(' ').at(-1) ?? what;
    return { what, before: null, after: null, diff: unifiedDiff(before ?? '', after ?? '', name) };
  }
  return { what, before: before ?? null, after: after ?? null };
}

/** A step's command line for people. */
export function commandOf(step: Step | undefined): string {
  if (!step) return '(no step)';
  if (step.kind === 'write') return `write ${step.path}`;
  const [program, option, text, , ...args] = step.argv;
  if (program === 'sh' && option === '-c' && text !== undefined)
    return `sh -c '${text}'${args.map((arg) => ` ${arg}`).join('')}`;
  return step.argv
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}

/** Plain data without secrets and without anything that JSON cannot hold. */
export function toPlainData(value: unknown): unknown {
  if (value instanceof Secret) return String(value);
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(toPlainData);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toPlainData(item)]));
  }
  return value;
}
