import { expect, test } from 'vitest';
import { engineEnvironment } from './environment.ts';

test('an engine gets the listed variables, and its own', () => {
  const from = {
    PATH: '/bin',
    HOME: '/home/a',
    CLICKHOUSE_URL: 'http://u:secret@ch',
    AWS_REGION: 'eu',
    NODE_OPTIONS: '-x',
  };
  expect(engineEnvironment({}, { from })).toEqual({ PATH: '/bin', HOME: '/home/a' });
  expect(engineEnvironment({ HOME: '/data' }, { more: ['AWS_REGION', 'AWS_PROFILE'], from })).toEqual({
    PATH: '/bin',
    HOME: '/data',
    AWS_REGION: 'eu',
  });
});
