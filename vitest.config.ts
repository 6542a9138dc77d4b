import { defineConfig } from 'vitest/config';

/** One kind of tests after the other: those that measure times or start many processes must not be disturbed by the rest. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{mock,mock-tools,connection,cli}/**', 'test/engine/ahead/**'],
          testTimeout: 60_000,
          // Nothing of these tests is left behind in a module: one worker may run many files.
          isolate: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'process',
          include: ['test/{mock-tools,connection,cli}/**/*.test.ts', 'test/engine/ahead/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'mock',
          include: ['test/mock/**/*.test.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 1_800_000,
          fileParallelism: false,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
