import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../test/support/wait.ts';
import { createApp } from '../app.ts';
import { problem } from '../contract/answers.ts';
import { EngineFailure } from '../contract/engine_failure.ts';
import { questionTurns } from '../questions/turns.ts';
import type { ApiDeps } from './route.ts';
import { serverOf } from './server.ts';

const folder = mkdtempSync(join(tmpdir(), 'clickledger-requests-'));
const lines: { request_id?: string; msg: string }[] = [];
const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
const away = new EngineFailure('kafka', new Error('no answer'));
const deps = {
  stores: {},
  turns: questionTurns(new Registry()),
  now: Date.now,
  latenessMs: 0,
  log,
  rejectedLines: { list: () => Promise.reject(away) },
} as unknown as ApiDeps;
const server = serverOf(
  createApp({
    ...deps,
    tokens: () => [],
    allowedHosts: null,
    trustProxy: null,
    rateLimit: 1e6,
    auditFolder: folder,
    dashboardFolder: null,
    metrics: new Registry(),
  }),
);
let url = '';
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const idOf = async (path: string, sent?: string): Promise<string | null> => {
  const headers = sent === undefined ? {} : { 'x-request-id': sent };
  return (await fetch(url + path, { headers })).headers.get('x-request-id');
};

test.each(['0f3c9b7e', 'a.b:c_d-e', 'x'.repeat(100)])('an id that was sent is kept: %s', async (sent) => {
  for (const path of ['/healthz', '/docs', '/v1/none']) expect(await idOf(path, sent)).toBe(sent);
});

test.each([undefined, '', 'two words', '{"a":1}', '<b>', 'x'.repeat(101)])(
  'instead of "%s" there is a new one',
  async (sent) => {
    const [one, other] = [await idOf('/healthz', sent), await idOf('/healthz', sent)];
    expect([one, other]).toEqual([expect.stringMatching(UUID), expect.stringMatching(UUID)]);
    expect(one).not.toBe(other);
  },
);

test('a request that failed has one id in the answer, in each log line about it and in the audit log', async () => {
  const response = await fetch(`${url}/v1/rejected`, { headers: { 'x-request-id': 'failed-1' } });
  expect(response.status).toBe(503);
  expect(problem.parse(await response.json()).request_id).toBe('failed-1');
  const about = lines.filter(({ request_id }) => request_id === 'failed-1').map(({ msg }) => msg);
  expect(about).toEqual(['api: GET /v1/rejected: begun', 'Kafka did not answer', 'api: GET /v1/rejected: 503']);
  // The end of a call is written after its answer.
  const audited = await eventually('both lines', async () => {
    const found = readFileSync(join(folder, 'api.jsonl'), 'utf8').trim().split('\n');
    return found.length === 2 && found.map((line) => JSON.parse(line));
  });
  expect(audited.map(({ request_id, outcome }) => [request_id, outcome])).toEqual([
    ['failed-1', 'begun'],
    ['failed-1', 503],
  ]);
});
