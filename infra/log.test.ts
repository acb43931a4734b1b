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

test('no line has a password of a URL, the value of an Authorization header or a secret of a setting', () => {
  const script = `
    import { createLog } from './infra/log.ts';
    import { keepSecret } from './infra/secrets.ts';
    keepSecret('canary-kept', 'ops');
    const log = createLog('log-test');
    const headers = { authorization: 'Bearer canary-header', cookie: 'canary-cookie', 'x-api-key': 'canary-key' };
    log.info({ headers, req: { headers }, authorization: 'Basic canary-basic', connection: { password: 'canary-password' } }, 'asked');
    log.warn('https://ops:canary-url@host:8123/?x=1 and hive2://u:canary-hive@h:1 were refused');
    log.error({ err: new Error('GET failed, authorization: Bearer canary-error') }, 'sent authorization=ApiKey canary-apikey');
    log.info({ url: 'http://127.0.0.1:8123/?user=ops', text: 'canary-kept' }, 'at 10:30:00@host');`;
  const { stderr } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  const lines = stderr.trim().split('\n');
  expect(lines).toHaveLength(4);
  expect(stderr).not.toContain('canary');
  expect(stderr).toContain('https://ops:[secret]@host:8123/?x=1');
  expect(JSON.parse(String(lines[3]))).toMatchObject({
    url: 'http://127.0.0.1:8123/?user=ops',
    msg: 'at 10:30:00@host',
  });
});
