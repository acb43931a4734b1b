import { once } from 'node:events';
import { maxHeaderSize } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { problem } from '../contract/answers.ts';
import { jsonBody } from './body.ts';
import { serverOf } from './server.ts';

const app = express();
app.get('/', (_request, response) => void response.json({}));
app.post('/', jsonBody, (_request, response) => void response.json({}));
const server = serverOf(app, { headersMs: 200, requestMs: 400 });
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => void server.close());

/** All that is answered until the server closes the connection. */
async function answerTo(sent: string): Promise<{ status: number; head: string; body: string }> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').setEncoding('utf8');
  socket.write(sent);
  let text = '';
  for await (const chunk of socket) text += chunk;
  const [head = '', body = ''] = text.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, body };
}

const HOST = 'Host: localhost\r\n';
test.each<[what: string, sent: string, status: number, type: string, says: string]>([
  ['a line that is no request', 'hello\r\n\r\n', 400, 'bad-request', 'RFC 9112'],
  ['a target that is no URL', `GET http://[/v1/status HTTP/1.1\r\n${HOST}\r\n`, 400, 'bad-request', 'target'],
  [
    'two lengths',
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`,
    400,
    'bad-request',
    'HPE_',
  ],
  [
    'a long header',
    `GET / HTTP/1.1\r\n${HOST}A: ${'x'.repeat(20_000)}\r\n\r\n`,
    431,
    'headers-too-large',
    `${maxHeaderSize}`,
  ],
  [
    'a long request line',
    `GET /?${'x'.repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n`,
    431,
    'headers-too-large',
    `${maxHeaderSize}`,
  ],
  ['headers that do not end', `GET / HTTP/1.1\r\n${HOST}`, 408, 'request-timeout', '0.2 s'],
  [
    'a body that does not end',
    `POST / HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{`,
    408,
    'request-timeout',
    '0.4 s',
  ],
])('%s is answered with a problem', async (_, sent, status, type, says) => {
  const answer = await answerTo(sent);
  expect(answer.status).toBe(status);
  expect(answer.head).toContain('application/problem+json');
  const body = problem.parse(JSON.parse(answer.body));
  expect([body.type, body.status]).toEqual([`urn:clickledger:problem:${type}`, status]);
  expect(body.detail).toContain(says);
  expect(answer.head).toContain(`X-Request-Id: ${body.request_id}`);
});
