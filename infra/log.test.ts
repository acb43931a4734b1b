import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('an error is logged with its cause, and without the request that its client attached to it', () => {
  const script = `
    import { createLog } from './infra/log.ts';
    const error = new Error('no answer', { cause: new Error('cut off') });
    createLog('log-test').error({ err: Object.assign(error, { code: 'E1', meta: { body: 'x'.repeat(1_000_000) } }) }, 'failed');`;
  const { stderr } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  expect(JSON.parse(stderr)).toMatchObject({
    name: 'log-test',
    msg: 'failed',
    err: { type: 'Error', message: 'no answer: cut off', code: 'E1', stack: expect.stringContaining('cut off') },
  });
  expect(stderr.length).toBeLessThan(5_000);
});
