import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterAll, expect, test } from 'vitest';
import { readConfig } from '../../../infra/config.ts';
import { sha256Hex } from '../../../infra/hash.ts';
import { createLog } from '../../../infra/log.ts';
import { eventually } from '../../../test/support/wait.ts';
import { createApp } from '../app.ts';
import type { ApiDeps } from './route.ts';
import { serverOf } from './server.ts';

const folder = mkdtempSync(join(tmpdir(), 'clickledger-proxy-'));
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

/** The API without engines, with one request a minute for each caller. */
async function start(settings: Record<string, string>, auditFolder: string) {
  const log = createLog('proxy-test');
  log.level = 'silent';
  const { tokens, allowedHosts, trustProxy } = readConfig({
    API_TOKENS: `ops:admin:${sha256Hex('secret')}`,
    ...settings,
  }).api;
  const deps = { stores: {}, now: Date.now, latenessMs: 0, readLags: async () => ({}), log } as unknown as ApiDeps;
  const server = serverOf(
    createApp({
      ...deps,
      tokens: () => tokens,
      allowedHosts,
      trustProxy,
      rateLimit: 1,
      auditFolder,
      dashboardFolder: null,
      metrics: new Registry(),
    }),
  );
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/rejected`;
  return async (forwardedFor: string) => (await fetch(url, { headers: { 'x-forwarded-for': forwardedFor } })).status;
}

test.each<[string, Record<string, string>, statuses: number[], addresses: string[]]>([
  ['by whoever is connected', {}, [401, 429, 429], ['127.0.0.1', '127.0.0.1', '127.0.0.1']],
  [
    'by the word of a proxy',
    { API_TRUST_PROXY: 'loopback' },
    [401, 401, 429],
    ['203.0.113.1', '203.0.113.2', '203.0.113.1'],
  ],
  // What the caller itself has put in front of it counts for nothing.
  [
    'by the last of its words',
    { API_TRUST_PROXY: '1' },
    [401, 401, 429],
    ['203.0.113.1', '203.0.113.2', '203.0.113.1'],
  ],
  [
    'not by the word of others',
    { API_TRUST_PROXY: '10.0.0.5' },
    [401, 429, 429],
    ['127.0.0.1', '127.0.0.1', '127.0.0.1'],
  ],
])('callers without a token are told apart %s', async (about, settings, statuses, addresses) => {
  const ask = await start(settings, join(folder, about));
  const got = [await ask('203.0.113.1'), await ask('203.0.113.2'), await ask('198.51.100.7, 203.0.113.1')];
  expect(got).toEqual(statuses);
  const lines = await eventually('all lines of the audit log', async () => {
    const found = readFileSync(join(folder, about, 'refused.jsonl'), 'utf8')
      .trim()
      .split('\n');
    return found.length === 3 && found.map((line) => JSON.parse(line));
  });
  expect(lines.map(({ address }) => address)).toEqual(addresses);
});
