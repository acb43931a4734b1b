import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { serveMetrics } from '../metrics_endpoint.ts';
import { freePort } from '../supervisor/ports.ts';

const HEALTH = fileURLToPath(new URL('health.mjs', import.meta.url));

async function healthOf(listen: string): Promise<{ code: number; said: string }> {
  const child = spawn(process.execPath, [HEALTH], { env: { METRICS_LISTEN: listen } });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, said };
}

test('a container is healthy once its role has begun its work', async () => {
  let isReady = false;
  const port = await freePort();
  await serveMetrics(
    async () => '',
    { host: '127.0.0.1', port },
    () => isReady,
  );
  expect(await healthOf(`0.0.0.0:${port}`)).toEqual({ code: 1, said: 'not ready: 503\n' });
  expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200);
  isReady = true;
  expect(await healthOf(`0.0.0.0:${port}`)).toEqual({ code: 0, said: '' });
  expect(await healthOf(`127.0.0.1:${port}`)).toEqual({ code: 0, said: '' });
});

test('and not where nothing listens, or the setting is missing', async () => {
  expect(await healthOf(`127.0.0.1:${await freePort()}`)).toMatchObject({ code: 1 });
  expect((await healthOf('')).said).toContain('METRICS_LISTEN');
});
