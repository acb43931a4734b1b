import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import express from 'express';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { problemHandler } from '../contract/problem.ts';
import { rowsBody } from './body.ts';

const app = express();
app.put('/', rowsBody, ({ body }, response) => void response.json([body.bytes, response.locals.sentRows.text]));
app.use(problemHandler(pino({ level: 'silent' })));
const server = createServer(app);
beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'));
afterAll(() => void server.close());

function put(body: Uint8Array<ArrayBuffer>) {
  const { port } = server.address() as AddressInfo;
  const headers = { 'content-type': 'text/csv', 'content-encoding': 'gzip' };
  return fetch(`http://127.0.0.1:${port}/`, { method: 'PUT', headers, body });
}

test('rows may be sent compressed', async () => {
  const text = `ad_id,name\n${'ad001,Shoes\n'.repeat(1_000)}`;
  const packed = gzipSync(text);
  expect(packed.length).toBeLessThan(text.length / 10);
  const answer = await put(new Uint8Array(packed));
  expect([answer.status, await answer.json()]).toEqual([200, [text.length, text]]);
});

test('what is too large unpacked is refused', async () => {
  const answer = await put(new Uint8Array(gzipSync(Buffer.alloc(64 * 1024 * 1024 + 1, 'x'))));
  expect(answer.status).toBe(413);
});
