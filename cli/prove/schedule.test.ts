import { expect, test } from 'vitest';
import { ROLES } from '../../infra/role.ts';
import { ENGINE_NAMES } from '../../infra/setup/engines.mjs';
import { schedule } from './schedule.ts';

test.each([60, 120, 600])('in %i s every role and every engine is killed, and something is paused', (seconds) => {
  const blows = schedule(seconds, 1);
  const killed = new Set(blows.filter(({ kind }) => kind === 'kill').map(({ target }) => target));
  expect([...killed].sort()).toEqual([...ROLES, ...ENGINE_NAMES, 'rebuild'].sort());
  expect(blows.filter(({ kind }) => kind === 'pause').length).toBe(seconds / 60);
  expect(blows.length).toBeGreaterThanOrEqual(seconds / 4);
});

test('blows are in order and within the time', () => {
  const times = schedule(120, 7).map(({ atMs }) => atMs);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(Math.min(...times)).toBeGreaterThan(0);
  expect(Math.max(...times)).toBeLessThan(120_000);
});

test('the seed makes a schedule repeatable, another one makes another', () => {
  expect(schedule(120, 3)).toEqual(schedule(120, 3));
  expect(schedule(120, 3)).not.toEqual(schedule(120, 4));
});
