import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { iso, MINUTE_MS } from '../../domain/time.ts';
import { createClickHouse, rows } from '../../infra/clients/clickhouse.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { type ApiToken, readConfig } from '../../infra/config.ts';
import { sha256Hex } from '../../infra/hash.ts';
import { adUrl, bearer, get } from '../../test/support/api/get.ts';
import { startWorld, type World } from '../../test/support/api/server.ts';
import { DAYS, FIRST_MS, LAST_MS, plainCounts, plainTop, select } from '../../test/support/api/world.ts';
import { eventually } from '../../test/support/wait.ts';
import { createTurns } from './questions/turns.ts';

let world: World;
let api = '';
let tokens: ApiToken[] = [];
const dir = mkdtempSync(join(tmpdir(), 'clickledger-audit-'));
const auditFolder = join(dir, 'audit');
beforeAll(async () => {
  world = await startWorld(inject('env'), 'safety-test');
  tokens = [
    { name: 'ops', role: 'admin', sha256: sha256Hex('ops-secret') },
    { name: 'ui', role: 'reader', sha256: sha256Hex('ui-secret') },
    {
      name: 'shop',
      role: 'advertiser',
      sha256: sha256Hex('shop-secret'),
      adPrefixes: [`${world.prefix}/a`, `${world.prefix}/b`],
    },
  ];
  api = await world.serve({ tokens, auditFolder });
});
afterAll(async () => {
  await world.stop();
  rmSync(dir, { recursive: true });
});
const shop = bearer('shop-secret');
const urlOf = (name: string, what: string): string =>
  adUrl(api, `${world.prefix}/${name}`, what, { from: FIRST_MS, to: LAST_MS });

test.each(['aggregated_count', 'series', 'sessions'])(
  'an advertiser gets %s of its ads, and of no others',
  async (what) => {
    const more = what === 'series' ? '&size=86400' : '';
    expect((await get(urlOf('b ü', what) + more, shop)).status).toBe(200);
    for (const other of ['d', 'c%2F', '']) {
      const { status, text } = await get(urlOf(other, what) + more, shop);
      expect([other, status]).toEqual([other, 403]);
      expect(text).not.toContain(`${world.prefix}/d`);
    }
    expect((await get(urlOf('d', what) + more, bearer('ui-secret'))).status).toBe(200);
  },
);

test.each(['', '&user_id=user%201'])(
  'popular ads are an advertiser’s own, each with its own late clicks%s',
  async (filter) => {
    const window = (LAST_MS - FIRST_MS) / MINUTE_MS;
    const own = select(world.rows, FIRST_MS, LAST_MS, filter ? { user_id: ['user 1'] } : {}).filter(({ ad_id }) =>
      /\/[ab]/.test(ad_id),
    );
    const url = `${api}/v1/ads/popular_ads?at=${LAST_MS}&window=${window}${filter}`;
    const { status, body } = await get(url, shop);
    expect([status, body.ads]).toEqual([200, plainTop(own, 100)]);
    const { batch, realtime, late } = plainCounts(own);
    expect(late).toBeGreaterThan(0);
    expect(body.receipt).toMatchObject({ late, batch: { count: batch }, realtime: { count: realtime } });
    expect((await get(url, bearer('ui-secret'))).body.ads).toHaveLength(4);
  },
);

test.each<[path: string, shop: number, ui: number]>([
  ['/v1/runs', 403, 200],
  [`/v1/reconciliations/${DAYS.final}`, 403, 404],
  ['/v1/ads/popular_ads?filter=7', 403, 400],
  ['/v1/ads/popular_ads?filter=0', 200, 200],
  ['/v1/ads/popular_ads?filter=0&filter=7', 403, 400],
  ['/v1/ads/popular_ads?%66ilter=7', 403, 400],
  ['/metrics', 403, 403],
  ['/healthz', 200, 200],
  ['/openapi.json', 200, 200],
])('GET %s is %i for an advertiser and %i for a reader', async (path, forShop, forUi) => {
  const statusOf = async (token: string) => (await fetch(api + path, bearer(token))).status;
  expect([await statusOf('shop-secret'), await statusOf('ui-secret')]).toEqual([forShop, forUi]);
});

test('an advertiser sees how fresh its counts are, and not how much other ads are clicked', async () => {
  const { body } = await get(`${api}/v1/status`, shop);
  expect(Object.keys(body)).toEqual(['watermark', 'boundary', 'freshness_seconds', 'event_kinds']);
  expect((await get(`${api}/v1/status`, bearer('ui-secret'))).body).toHaveProperty('last_run');
});

test('metrics are for admins if there are tokens, and for this machine if there are none', async () => {
  expect((await fetch(`${api}/metrics`)).status).toBe(401);
  expect((await fetch(`${api}/metrics`, bearer('ops-secret'))).status).toBe(200);
  expect((await fetch(`${await world.serve()}/metrics`)).status).toBe(200);
});

test('answers that depend on the token are not cached by proxies', async () => {
  const { headers } = await get(urlOf('a', 'aggregated_count'), shop);
  expect(headers.get('cache-control')).toMatch(/^private/);
  expect(headers.get('vary')).toContain('Authorization');
});

test('each token has its own limit of requests per minute', async () => {
  const limited = await world.serve({ tokens, auditFolder, rateLimit: 3 });
  const ask = (token: string) => get(`${limited}/v1/status`, bearer(token));
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await ask('ui-secret')).status);
  const refused = await ask('ui-secret');
  expect([...statuses, refused.status]).toEqual([200, 200, 200, 429]);
  expect([refused.type, refused.body.type]).toEqual([
    'application/problem+json; charset=utf-8',
    'urn:clickledger:problem:too-many-requests',
  ]);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused.headers.get('ratelimit-policy')).toMatch(/^"requests"; q=3; w=60/);
  expect(refused.headers.get('ratelimit')).toMatch(/^"requests"; r=0; t=\d+/);
  expect((await ask('ops-secret')).status).toBe(200);
  // All failed logins share one limit, which does not count against valid tokens.
  for (const guess of ['x1', 'x2', 'x3']) expect((await ask(guess)).status).toBe(401);
  expect([(await ask('x4')).status, (await ask('ops-secret')).status]).toEqual([429, 200]);
});

describe('slow questions', () => {
  const range = `from=${DAYS.closed}&to=${DAYS.half}`;
  const turns = {
    quick: createTurns({ perCaller: 8, inAll: 8 }),
    slow: createTurns({ perCaller: 0, inAll: 1, waitMs: 10 }),
  };
  const ad = () => `/v1/ads/${encodeURIComponent(`${world.prefix}/a`)}`;
  const ask = async (path: string, init: RequestInit = {}) => {
    const full = await world.serve({ turns, rejectedLines: { list: async () => ({ reasons: [], rejected: [] }) } });
    return get(full + path, init);
  };

  test.each([
    () => `${ad()}/aggregated_count?${range}&user_id=u`,
    () => `${ad()}/aggregated_count?${range}&as_of=${DAYS.half}`,
    () => `${ad()}/performance?${range}&ip=10.0.0.1`,
    () => `${ad()}/series?${range}&size=600&hop=599`,
    () => `${ad()}/sessions?${range}`,
    () => '/v1/ads/popular_ads?window=61',
    () => '/v1/ads/popular_ads?not_user_id=u',
    () => '/v1/ads/popular_ads?order=clicks',
    () => `/v1/report?${range}`,
    () => '/v1/report?snapshot=9b2c2c0e-6f0e-4d0e-9a53-0d9c60f6a3a5',
    () => '/v1/ads',
    () => '/v1/clicks/some-event',
    () => '/v1/rejected',
  ])('have turns: %#', async (path) => {
    const { status, body, headers } = await ask(path());
    expect([path(), status, body.type]).toEqual([path(), 429, 'urn:clickledger:problem:too-many-questions']);
    expect(headers.get('retry-after')).toBe('5');
  });

  test('have turns: a filter that is tried', async () => {
    const body = JSON.stringify({ where: {} });
    const headers = { 'content-type': 'application/json' };
    expect((await ask('/v1/filters/try', { method: 'POST', headers, body })).status).toBe(429);
  });

  test.each([
    () => `${ad()}/aggregated_count?${range}&country=USA`,
    () => `${ad()}/aggregated_count`,
    () => `${ad()}/performance?${range}`,
    () => `${ad()}/series?${range}&size=3600`,
    () => '/v1/ads/popular_ads?window=60',
    () => '/v1/runs',
    () => '/v1/status',
  ])('have turns, and quick ones do not wait for them: %#', async (path) => {
    expect([path(), (await ask(path())).status]).toEqual([path(), 200]);
  });

  test('have limits in ClickHouse, and quick ones have others', async () => {
    const limitsOf = (client: World['clickhouse']) =>
      rows(
        client,
        `SELECT toString(getSetting('max_threads')) AS threads, getSetting('max_memory_usage') AS memory,
                getSetting('priority') AS priority`,
      );
    const { slow, clickhouse, ledger } = world.stores;
    const threads = String(Math.min(4, availableParallelism()));
    expect(await limitsOf(slow)).toEqual([{ threads, memory: 1_000_000_000, priority: 2 }]);
    const quick = [{ threads: '2', memory: 500_000_000, priority: 1 }];
    expect([await limitsOf(clickhouse), await limitsOf(ledger)]).toEqual([quick, quick]);
  });

  test('are refused if they take more memory than one may have, and the answer says what to do', async () => {
    const { clickhouse } = engineUrls(readConfig(inject('env')));
    const slow = createClickHouse(clickhouse, { settings: { max_memory_usage: '1000' } });
    const small = await world.serve({ stores: { ...world.stores, slow } });
    const { status, body } = await get(`${small}${ad()}/sessions?${range}`);
    await slow.close();
    expect([status, body.type]).toEqual([400, 'urn:clickledger:problem:too-much-memory']);
    expect(body.detail).toMatch(/shorter range/);
  });
});

test('probes need no token, have a limit for each address, and none of it is used up by failed logins', async () => {
  const limited = await world.serve({ tokens, auditFolder, rateLimit: 2 });
  const probe = async () => (await get(`${limited}/readyz`)).status;
  for (const guess of ['x1', 'x2', 'x3']) await get(`${limited}/v1/status`, bearer(guess));
  expect([await probe(), await probe(), await probe()]).toEqual([200, 200, 429]);
});

// biome-ignore lint/suspicious/noExplicitAny: lines are what is being checked
const auditLines = (of: 'api' | 'refused'): any[] =>
  readFileSync(join(auditFolder, `${of}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

test('calls of admins are recorded with their outcome, refused ones too', async () => {
  const asked = { from: DAYS.final, to: '2999-01-01', reason: 'safety test' };
  const post = (token: string) => {
    const { headers } = bearer(token);
    return get(`${api}/v1/runs`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(asked),
    });
  };
  expect([(await post('ops-secret')).status, (await post('shop-secret')).status]).toEqual([400, 403]);
  const lines = await eventually('both calls have ended', async () => {
    const all = [...auditLines('api'), ...auditLines('refused')];
    const ofCalls = all.filter((line) => line.what === 'POST /v1/runs');
    return ofCalls.filter(({ outcome }) => outcome !== 'begun').length === 2 && ofCalls;
  });
  const what = { at: iso(LAST_MS + 12_345), what: 'POST /v1/runs' };
  expect(lines).toHaveLength(3);
  expect(lines).toContainEqual(expect.objectContaining({ ...what, who: 'ops', role: 'admin', outcome: 'begun' }));
  expect(lines).toContainEqual(expect.objectContaining({ ...what, who: 'ops', body: asked, outcome: 400 }));
  expect(lines).toContainEqual(expect.objectContaining({ ...what, who: 'shop', role: 'advertiser', outcome: 403 }));
  expect(new Set(lines.map(({ call }) => call)).size).toBe(2);
  expect(statSync(join(auditFolder, 'api.jsonl')).mode & 0o777).toBe(0o600);
});

test('a call for admins that is refused before it is known who makes it is recorded, and so are metrics', async () => {
  const known = auditLines('refused').length;
  const limited = await world.serve({ tokens, auditFolder, rateLimit: 1 });
  const statusOf = async (path: string, init: RequestInit = {}) => (await get(limited + path, init)).status;
  const metrics = async (init: RequestInit = {}) => (await fetch(`${limited}/metrics`, init)).status;
  expect([await statusOf('/v1/rejected'), await statusOf('/v1/rejected/'), await metrics()]).toEqual([401, 429, 429]);
  expect([await metrics(bearer('ui-secret')), await statusOf('/v1/rejected', bearer('ui-secret'))]).toEqual([403, 429]);
  // Not for admins only.
  expect(await statusOf('/v1/status', bearer('ui-secret'))).toBe(429);
  const lines = await eventually('all lines', async () => {
    const added = auditLines('refused').slice(known);
    return added.length === 5 && added;
  });
  expect(lines.map(({ who, what, outcome }) => [who, what, outcome])).toEqual([
    [null, 'GET /v1/rejected', 401],
    [null, 'GET /v1/rejected/', 429],
    [null, 'GET /metrics', 429],
    ['ui', 'GET /metrics', 403],
    ['ui', 'GET /v1/rejected', 429],
  ]);
});

test('a call that cannot be recorded is not executed', async () => {
  const file = join(dir, 'a-file');
  writeFileSync(file, '');
  const unwritable = await world.serve({ tokens, auditFolder: file });
  const reason = `${world.prefix} never`;
  const { status, body } = await get(`${unwritable}/v1/runs`, {
    method: 'POST',
    headers: { ...bearer('ops-secret').headers, 'content-type': 'application/json' },
    body: JSON.stringify({ from: '2004-01-01', to: '2004-01-02', reason }),
  });
  expect([status, body.type]).toEqual([503, 'urn:clickledger:problem:not-on-record']);
  const requests = await world.clickhouse.query({
    query: 'SELECT count() AS n FROM ads.run_requests WHERE reason = {reason:String}',
    query_params: { reason },
    format: 'JSONEachRow',
  });
  expect(await requests.json()).toEqual([{ n: 0 }]);
});
