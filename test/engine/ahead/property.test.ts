import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scenario } from './arbitrary-play.ts';
import { load, runScenario } from './run-scenario.ts';

/** The long mode: BENCH_PROPERTY_RUNS=1000000. A seed is told when a play fails, and is taken from BENCH_PROPERTY_SEED. */
const numRuns = Number(process.env['BENCH_PROPERTY_RUNS'] ?? 10_000);
const seed = Number(process.env['BENCH_PROPERTY_SEED'] ?? 20_261_124);

test(`asking and acting ahead gives what one task at a time gives, in ${numRuns} random plays`, {
  timeout: 1_000 + numRuns * 60,
}, async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (world) => {
      const playbook = load(world);
      const { roundTrips: few, ...ahead } = await runScenario(world, playbook, 'ahead');
      const { roundTrips: many, ...oneByOne } = await runScenario(world, playbook, 'oneByOne');
      expect(ahead).toEqual(oneByOne);
    }),
    { numRuns, seed, endOnFailure: false },
  );
});
