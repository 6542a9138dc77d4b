import type { Trial } from '../contract/trial.ts';
import type { RunRecord } from './run-store.ts';

/** The value of a JSON text; undefined for one that was cut off. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

export function isRecord(value: unknown): value is RunRecord {
  return hasKeys(value, ['id', 'startedAt', 'command', 'mode', 'inventory', 'playbook']);
}

export function isTrial(value: unknown): value is Trial {
  return hasKeys(value, ['id', 'series', 'figures', 'verdict', 'conditions']);
}

function hasKeys(value: unknown, keys: readonly string[]): boolean {
  return typeof value === 'object' && value !== null && keys.every((key) => key in value);
}
