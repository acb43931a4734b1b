import { defineConfig } from 'vitest/config';

/** For `npm run test:containers` alone: these tests need a Docker engine. */
export default defineConfig({
  test: {
    root: '.',
    include: ['test/containers.engines.test.ts'],
    reporters: [['default', { summary: false }], './test/support/closing_line.ts'],
    testTimeout: 120_000,
    hookTimeout: 240_000,
    env: { CLICKLEDGER_TIMINGS: 'short' },
  },
});
