import { expect, test } from 'vitest';
import { ROLES } from '../infra/role.ts';
import { ENGINE_NAMES } from '../infra/setup/engines.mjs';
import { FAILPOINT_TARGETS, failpointsOf } from './failpoints/failpoints.ts';
import { schedule } from './schedule.ts';

test.each([60, 120, 600])('in %i s every role and every engine is killed, and something is paused', (seconds) => {
  const { random } = schedule(seconds, 1);
  const killed = new Set(random.filter(({ kind }) => kind === 'kill').map(({ target }) => target));
  expect([...killed].sort()).toEqual([...ROLES, ...ENGINE_NAMES, 'rebuild'].sort());
  expect(random.filter(({ kind }) => kind === 'pause').length).toBe(seconds / 60);
  expect(random.length).toBeGreaterThanOrEqual(seconds / 8);
});

test('a short run uses the most critical failpoint of each process, a long one every failpoint', () => {
  for (const target of FAILPOINT_TARGETS) {
    const pointsIn = (seconds: number) =>
      schedule(seconds, 2)
        .atFailpoints.filter((fault) => fault.target === target)
        .map(({ point }) => point);
    expect(pointsIn(20)).toEqual([failpointsOf(target)[0]]);
    expect([...new Set(pointsIn(600))].sort()).toEqual(failpointsOf(target).sort());
  }
});

test('faults are in order and within the time', () => {
  const { random, atFailpoints } = schedule(120, 7);
  for (const list of [random, atFailpoints]) {
    const times = list.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(Math.min(...times)).toBeGreaterThan(0);
    expect(Math.max(...times)).toBeLessThan(120_000);
  }
});

test('the same seed gives the same schedule, another one another', () => {
  expect(schedule(120, 3)).toEqual(schedule(120, 3));
  expect(schedule(120, 3)).not.toEqual(schedule(120, 4));
});
