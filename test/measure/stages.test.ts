import { describe, expect, test } from 'vitest';
import type { MilestoneName } from '../../src/contract/hypervisor.ts';
import { STAGES } from '../../src/contract/trial.ts';
import { pauseOf, stagesOf, totalOf } from '../../src/measure/stages.ts';
import type { Timeline } from '../../src/measure/timeline.ts';

const T0 = 1_795_531_742_000;
const bracket = (low: number, high: number) => ({ low: T0 + low, high: T0 + high });
const all: Readonly<Partial<Record<MilestoneName, ReturnType<typeof bracket>>>> = {
  ready: bracket(100, 104),
  copying: bracket(110, 114),
  suspendRequested: bracket(600, 604),
  suspending: bracket(610, 612),
  suspended: bracket(613, 616),
  acknowledged: bracket(640, 644),
  permitted: bracket(641, 645),
  running: bracket(660, 668),
  reported: bracket(661, 666),
  completed: bracket(700, 703),
};

function timeline(moments: typeof all, start: Timeline['start'] = bracket(1, 5)): Timeline {
  const known = Object.entries(moments) as readonly (readonly [MilestoneName, ReturnType<typeof bracket>])[];
  return { start, moments: new Map(known), text: '', exitCode: 0, clockStepMs: 0, longestPauseOfMarksMs: 0 };
}

describe('total and pause', () => {
  test('are the differences of brackets, so that the truth lies inside', () => {
    expect(totalOf(timeline(all))).toEqual({ kind: 'captured', ms: { low: 695, high: 702 } });
    expect(pauseOf(timeline(all))).toEqual({ kind: 'captured', ms: { low: 641 - 616, high: 666 - 610 } });
  });

  test('the guest was unpaused by the time that the first of both ends says so', () => {
    const { reported, ...without } = all;
    expect(reported).toBeDefined();
    expect(pauseOf(timeline(without))).toEqual({ kind: 'captured', ms: { low: 25, high: 668 - 610 } });
  });

  test('a toolstack that does not tell of waiting is taken from its request on', () => {
    const { suspending, ...without } = all;
    expect(suspending).toBeDefined();
    expect(pauseOf(timeline(without))).toEqual({ kind: 'captured', ms: { low: 25, high: 66 } });
  });

  test('what was not seen is missing, with the reason', () => {
    expect(totalOf(timeline({}))).toEqual({
      kind: 'missing',
      reason: 'the toolstack did not report that the migration succeeded',
    });
    expect(totalOf({ ...timeline(all), start: undefined })).toMatchObject({
      reason: 'the start of the migrate command was not seen',
    });
    expect(pauseOf(timeline({}))).toMatchObject({ reason: 'the toolstack did not tell when the guest suspended' });
    const { running, reported, ...silent } = all;
    expect(running ?? reported).toBeDefined();
    expect(pauseOf(timeline(silent))).toMatchObject({ reason: expect.stringContaining('started at the destination') });
  });
});

describe('the six stages', () => {
  test('follow each other without a hole, from the start of the command', () => {
    const stages = stagesOf(timeline(all));
    expect(stages.map(({ name }) => name)).toEqual([...STAGES]);
    expect(stages[0]?.begin).toEqual({ low: 0, high: 4 });
    expect(stages.slice(1).map(({ begin }) => begin)).toEqual(stages.slice(0, -1).map(({ end }) => end));
    expect(stages[2]).toEqual({ name: 'pre-copy', begin: { low: 109, high: 113 }, end: { low: 609, high: 615 } });
  });

  test('are told as far as the migration came', () => {
    const { ready, copying } = all;
    expect(
      stagesOf(timeline({ ...(ready && { ready }), ...(copying && { copying }) })).map(({ name }) => name),
    ).toEqual(['pre-migration', 'reservation']);
    expect(stagesOf({ ...timeline(all), start: undefined })).toEqual([]);
  });
});
