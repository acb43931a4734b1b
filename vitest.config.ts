import { defineConfig } from 'vitest/config';
import { ALONE, APART, APART_LANE, LONG, RELEASE, SIDE_BY_SIDE_LANE } from './test/support/lanes.ts';
import Sequence from './test/support/sequence.ts';

const ENGINE_TESTS = '**/*.engines.test.ts';
/** They need a Docker engine: npm run test:containers. */
const IN_CONTAINERS = 'test/containers.engines.test.ts';
/** `npm run test:all` has the long tests too. */
const isAll = process.env.TEST_ALL === '1';
/** `npm run test:release` has what is only tested before a release. */
const isRelease = process.env.TEST_RELEASE === '1';

/** As the platform of the tests has them. */
const SHORT = { CLICKLEDGER_TIMINGS: 'short' };

/** The default is one second, which a busy machine may take for anything. */
const PATIENT = { poll: { timeout: 45_000 } };

const onEngines = {
  exclude: ['node_modules/**', 'dist/**'],
  globalSetup: './test/support/platform.ts',
  setupFiles: './test/support/turns.ts',
  // Tests of one file that say they may run side by side: all of them.
  maxConcurrency: 64,
  testTimeout: 120_000,
  hookTimeout: 180_000,
  expect: PATIENT,
  env: SHORT,
};
/**
 * Files of these two lanes run beside each other, one of each at a time (test/support/turns.ts). Most workers wait: so
 * many are needed, since while one file takes its minutes, the next ones may all be of its lane. A turn ends with the
 * process of its file. So no lane of engine tests may have `isolate: false`: a worker that is used again would wait for
 * the turn that it has.
 */
const oneAtATime = {
  sequence: { groupOrder: 3 },
  // What is measured before a release is measured alone.
  maxWorkers: isRelease ? 1 : 10,
};
const left = [...(isAll ? [] : Object.keys(LONG)), ...(isRelease ? [] : Object.keys(RELEASE))];
const ofLane = (lane: Record<string, string>): string[] => Object.keys(lane).filter((file) => !left.includes(file));

export default defineConfig({
  test: {
    sequence: { sequencer: Sequence },
    reporters: [['default', { summary: false }], './test/support/closing_line.ts', './test/support/times.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [ENGINE_TESTS, 'node_modules/**', 'dist/**'],
          // They run while the platform of the engine tests starts, which leaves them little of a small machine.
          testTimeout: 60_000,
          expect: PATIENT,
          // No test leaves anything behind in a module; to load all of them anew for each file costs half of the time.
          isolate: false,
          sequence: { groupOrder: 1 },
          // Half of their time is spent waiting.
          maxWorkers: 4,
          env: SHORT,
        },
      },
      {
        test: {
          ...onEngines,
          name: SIDE_BY_SIDE_LANE,
          include: [ENGINE_TESTS],
          exclude: [...onEngines.exclude, IN_CONTAINERS, ...Object.keys(ALONE), ...Object.keys(APART), ...left],
          sequence: { groupOrder: 2 },
          maxWorkers: 4,
        },
      },
      {
        test: { ...onEngines, name: 'alone', include: ofLane(ALONE), ...oneAtATime },
      },
      {
        test: { ...onEngines, name: APART_LANE, include: ofLane(APART), ...oneAtATime },
      },
    ],
  },
});
