import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { ClickHouseAddress } from '../engine_settings/addresses.ts';
import { checkOneClickHouse } from './one_clickhouse.ts';

let server: Server | undefined;
afterEach(() => void server?.close());

/** Answers as the servers behind a balancer: each connection is sent to the next of them. */
async function balancer(uuids: string[]): Promise<ClickHouseAddress> {
  let connections = 0;
  const served = new WeakMap<object, string>();
  server = createServer((request, response) => {
    const uuid = served.get(request.socket) ?? '';
    request.resume().once('end', () => response.end(`${JSON.stringify({ uuid })}\n`));
  });
  server.on('connection', (socket) => void served.set(socket, uuids[connections++ % uuids.length] ?? ''));
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, login: { username: 'user', password: 'secret' } };
}

test('several servers behind one address are refused, without the password in the message', async () => {
  const refusal = await checkOneClickHouse(await balancer(['a', 'b'])).then(String, String);
  expect(refusal).toMatch(
    /CLICKHOUSE_URL: 2 servers answer at http:\/\/127\.0\.0\.1:\d+ \(a, b\), each with tables of its own/,
  );
  expect(refusal).not.toContain('secret');
});

test('one server is not, however many connections it serves', async () => {
  await checkOneClickHouse(await balancer(['a']));
});
