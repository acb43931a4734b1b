import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../../infra/config.ts';
import { sha256Hex } from '../../../infra/hash.ts';
import { createLog } from '../../../infra/log.ts';
import { askAsPage, type Headers } from '../../../test/support/page.ts';
import { createApp } from '../app.ts';
import type { ApiDeps } from './route.ts';
import { serverOf } from './server.ts';

const API_TOKENS = `ops:admin:${sha256Hex('secret')}`;
const CROSS_SITE = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
const LINK = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

/** The API without engines: a request that reaches them was let in. */
function start(settings: Headers) {
  const log = createLog('hosts-test');
  log.level = 'silent';
  const { tokens, allowedHosts } = readConfig(settings).api;
  const deps = { stores: {}, now: Date.now, latenessMs: 0, readLags: async () => ({}), log } as unknown as ApiDeps;
  return serverOf(
    createApp({
      ...deps,
      tokens: () => tokens,
      allowedHosts,
      trustProxy: null,
      rateLimit: 1e6,
      auditFolder: '/dev/null',
      dashboardFolder: null,
      metrics: new Registry(),
    }),
  );
}

describe.each<[about: string, settings: Headers, cases: [path: string, headers: Headers, status: number][]]>([
  [
    'without tokens',
    {},
    [
      ['/v1/none', { host: 'localhost' }, 404],
      ['/v1/none', { host: '127.0.0.1:8080' }, 404],
      // As through ssh -L 9999:localhost:8080.
      ['/v1/none', { host: '[::1]:9999', origin: 'http://localhost:9999' }, 404],
      ['/v1/none', { host: 'evil.example' }, 421],
      ['/v1/none', { host: 'evil.example:8080', origin: 'http://evil.example:8080' }, 421],
      ['/v1/none', { host: 'localhost.evil.example' }, 421],
      ['/docs', { host: 'evil.example' }, 421],
      ['/metrics', { host: 'evil.example' }, 421],
      ['/v1/none', { host: 'localhost', origin: 'http://evil.example' }, 403],
      ['/v1/none', { host: 'localhost', origin: 'null' }, 403],
      ['/v1/none', { host: 'localhost', ...CROSS_SITE }, 403],
      ['/V1/none', { host: 'localhost', ...CROSS_SITE }, 403],
      ['/v1/none', { host: 'localhost', ...LINK }, 403],
      ['/v1/none', { host: 'localhost', 'sec-fetch-site': 'same-origin' }, 404],
      ['/docs', { host: 'localhost', ...LINK }, 200],
      ['/docs/swagger-ui.css', { host: 'localhost', 'sec-fetch-site': 'same-origin' }, 200],
      ['/v1/none', { host: 'localhost', 'x-forwarded-for': '203.0.113.9' }, 403],
      ['/v1/none', { host: 'localhost', forwarded: 'for=203.0.113.9' }, 403],
      ['/docs', { host: 'localhost', 'x-forwarded-host': 'ads.example.com' }, 403],
      ['/healthz', { host: 'evil.example', origin: 'http://evil.example', 'x-forwarded-for': '203.0.113.9' }, 200],
    ],
  ],
  [
    'without tokens, with a name that is allowed',
    { API_ALLOWED_HOSTS: 'ads.internal' },
    [
      ['/v1/none', { host: 'ads.internal:8080', origin: 'http://ads.internal:8080' }, 404],
      ['/v1/none', { host: 'localhost' }, 404],
      ['/v1/none', { host: 'evil.example' }, 421],
    ],
  ],
  [
    'with tokens',
    { API_TOKENS },
    [
      ['/v1/none', { host: 'ads.example.com', authorization: 'Bearer secret' }, 404],
      ['/v1/none', { host: 'ads.example.com', authorization: 'Bearer secret', 'x-forwarded-for': '203.0.113.9' }, 404],
      ['/v1/none', { host: 'ads.example.com' }, 401],
      ['/v1/none', { host: 'ads.example.com', authorization: 'Bearer secret', origin: 'https://ads.example.com' }, 404],
      ['/v1/none', { host: 'ads.example.com', authorization: 'Bearer secret', origin: 'https://evil.example' }, 403],
      ['/v1/none', { host: 'ads.example.com', authorization: 'Bearer secret', ...CROSS_SITE }, 403],
    ],
  ],
  [
    'with tokens and names',
    { API_TOKENS, API_ALLOWED_HOSTS: 'ads.example.com' },
    [
      ['/v1/none', { host: 'ads.example.com:443', authorization: 'Bearer secret' }, 404],
      ['/v1/none', { host: 'evil.example', authorization: 'Bearer secret' }, 421],
      // A proxy that does not pass the host name on.
      ['/v1/none', { host: '127.0.0.1:8080', authorization: 'Bearer secret', origin: 'https://ads.example.com' }, 404],
    ],
  ],
])('%s', (_about, settings, cases) => {
  const server = start(settings);
  let port = 0;
  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => void server.close());

  test.each(cases)('%s with %j is answered %i', async (path, headers, status) => {
    expect((await askAsPage(port, path, headers)).status).toBe(status);
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s from a page of another site is refused', async (method) => {
    const headers = { host: 'localhost', origin: 'http://evil.example', authorization: 'Bearer secret' };
    expect((await askAsPage(port, '/v1/filters/1', headers, { method })).status).toBe(403);
  });
});
