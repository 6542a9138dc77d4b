import { describe, expect, test } from 'vitest';
import { UnreachableError } from '../../../src/core/errors.ts';
import { within } from '../../../src/modules/parts/wait.ts';
import { createFakeHost } from '../fake-host.ts';

const { host } = createFakeHost({ answers: [], results: [], values: {}, saved: {} });
const never = (signal: AbortSignal) =>
  new Promise<string>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

describe('within', () => {
  test('gives what the work gives in time', async () => {
    expect(await within(host, 1000, new AbortController().signal, async () => 'done')).toBe('done');
  });

  test('gives nothing at the limit, and ends the work', async () => {
    let isEnded = false;
    const work = (signal: AbortSignal) => {
      signal.addEventListener('abort', () => {
        isEnded = true;
      });
      return never(signal);
    };
    expect(await within(host, 1000, new AbortController().signal, work)).toBeUndefined();
    expect(isEnded).toBe(true);
  });

  test('throws what the work throws', async () => {
    const failing = async () => {
      throw new UnreachableError('E_UNREACHABLE', 'gone');
    };
    await expect(within(host, 1000, new AbortController().signal, failing)).rejects.toThrow('gone');
  });

  test('throws when the run is interrupted', async () => {
    const run = new AbortController();
    const waiting = within(host, 1000, run.signal, never);
    run.abort(new Error('interrupted'));
    await expect(waiting).rejects.toThrow('interrupted');
  });
});
