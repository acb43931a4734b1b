import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { freePort } from '../supervisor/ports.ts';

const FORWARD = fileURLToPath(new URL('forward.mjs', import.meta.url));

test('connections to the port reach the other one, and a broken connection breaks', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/broken') request.socket.destroy();
    else request.pipe(response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const port = await freePort();
  const { port: other } = server.address() as AddressInfo;
  const forwarder = spawn(process.execPath, [FORWARD, `${port}=127.0.0.1:${other}`]);
  try {
    await once(forwarder.stdout, 'data');
    const body = 'click '.repeat(100_000);
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
    expect(await answer.text()).toBe(body);
    await expect(fetch(`http://127.0.0.1:${port}/broken`)).rejects.toThrow();
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
  } finally {
    forwarder.kill('SIGKILL');
    server.closeAllConnections();
    server.close();
  }
});
