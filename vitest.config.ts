import { defineConfig } from 'vitest/config';

const ENGINE_TESTS = '**/*.engines.test.ts';

export default defineConfig({
  test: {
    reporters: [['default', { summary: false }], './test/harness/closing_line.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [ENGINE_TESTS, 'node_modules/**'],
          // They run while the engines of the other project start, which takes a small machine's breath away.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'engines',
          include: [ENGINE_TESTS],
          exclude: ['node_modules/**'],
          globalSetup: './test/harness/platform.ts',
          fileParallelism: false,
          // Of the tests in one file that say they may run side by side: all.
          maxConcurrency: 64,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
