import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DAY_MS, dayStartMs, iso, MINUTE_MS } from '../domain/time.ts';
import { type ClickHouseClient, createClickHouse, rows as rowsOf } from '../infra/clients/clickhouse.ts';
import { createElasticsearch, type ElasticsearchClient } from '../infra/clients/elasticsearch.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { connectHive } from '../infra/clients/hive.ts';
import { readConfig } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';
import { readPlatformState } from '../infra/supervisor/state_file.ts';
import { type Platform, platformEnv, startPlatform } from '../prove/platform.ts';
import { queryClickHouse } from '../serving/api/stores/engines.ts';
import { type Archive, createArchive } from '../serving/api/stores/hive_sessions.ts';
import { fillWorld } from './support/api/fill.ts';
import { Servers, storesOfClicks } from './support/api/server.ts';
import { BOUNDARY_MS, DAYS, FIRST_MS, LAST_MS, makeRows, seededRandom } from './support/api/world.ts';
import { BRIEF_JVMS } from './support/brief_jvms.ts';

/** Separate engines, since they are stopped in the middle of their work. */
const folder = mkdtempSync(join(tmpdir(), 'clickledger-away-'));
const log = createLog('away-test');
log.level = 'silent';
const stateIndex = 'clickledger-indexer-away';
const NOW = LAST_MS + 12_345;

let platform: Platform;
let clickhouse: ClickHouseClient;
let elasticsearch: ElasticsearchClient;
let archive: Archive;
let servers: Servers;
let api = '';
let later = '';

beforeAll(async () => {
  platform = await startPlatform(await platformEnv(folder, { NIGHTLY_CRON: '0 0 1 1 *', ...BRIEF_JVMS }));
  const config = readConfig(platform.env);
  const urls = engineUrls(config);
  clickhouse = createClickHouse(urls.clickhouse);
  elasticsearch = createElasticsearch(urls.elasticsearch);
  archive = createArchive(() => connectHive(urls.hive, log));
  await fillWorld(clickhouse, elasticsearch, stateIndex, makeRows('away', seededRandom(20_050_301)));
  servers = new Servers(config);
  const stores = storesOfClicks({ clickhouse, elasticsearch, archive }, stateIndex, [0, 1]);
  api = await servers.serve({ stores, now: () => NOW });
  // So much later that today's raw clicks may have expired: Hive is asked for them, which has none.
  later = await servers.serve({ stores, now: () => Date.now() + 100 * DAY_MS });
}, 300_000);
afterAll(async () => {
  servers.close();
  await Promise.all([clickhouse.close(), elasticsearch.close(), archive.close()]);
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Stops an engine with SIGSTOP, as if it hung. */
async function without<T>(engine: string, work: () => Promise<T>): Promise<T> {
  const pid = readPlatformState(folder)?.processes.find(({ name }) => name === engine)?.pid;
  if (!pid) throw new Error(`${engine} does not run`);
  process.kill(pid, 'SIGSTOP');
  try {
    return await work();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

const AD = `/v1/ads/${encodeURIComponent('away/a')}`;
const WHOLE = `from=${FIRST_MS}&to=${LAST_MS}`;
const CLOSED = `from=${FIRST_MS}&to=${BOUNDARY_MS + 30 * MINUTE_MS}`;
const QUESTIONS = [
  `${AD}/aggregated_count?${WHOLE}`,
  `${AD}/aggregated_count?${CLOSED}&country=USA`,
  `${AD}/aggregated_count?${WHOLE}&user_id=user%201`,
  `${AD}/series?${WHOLE}&size=3600`,
  `/v1/ads/popular_ads?at=${BOUNDARY_MS}&window=1440`,
];
// biome-ignore lint/suspicious/noExplicitAny: bodies are what is being checked
async function get(path: string, at = api): Promise<{ status: number; body: any; ms: number }> {
  const startedMs = performance.now();
  const response = await fetch(at + path);
  return { status: response.status, body: await response.json(), ms: performance.now() - startedMs };
}

test('without Elasticsearch all questions have the same numbers', async () => {
  const numbers = async () =>
    Promise.all(
      QUESTIONS.map(async (path) => {
        const { status, body } = await get(path);
        return [path, status, body.count, body.points, body.ads, body.receipt?.batch.count, body.receipt?.late];
      }),
    );
  const before = await numbers();
  expect(before.map(([, status]) => status)).toEqual(QUESTIONS.map(() => 200));
  expect(await without('elasticsearch', numbers)).toEqual(before);
});

test('without ClickHouse closed minutes are returned as partial, and the rest is named', async () => {
  const closed = await get(`${AD}/aggregated_count?from=${FIRST_MS}&to=${dayStartMs(DAYS.restated)}`);
  const series = await get(`${AD}/series?${CLOSED}&size=3600`);
  await without('clickhouse', async () => {
    const [count, points, popular] = await Promise.all([
      get(`${AD}/aggregated_count?${CLOSED}`),
      get(`${AD}/series?${CLOSED}&size=3600`),
      get(`/v1/ads/popular_ads?at=${BOUNDARY_MS}`),
    ]);
    for (const { status, body, ms } of [count, points, popular]) {
      expect([status, body.missing]).toEqual([503, ['clickhouse']]);
      expect(ms).toBeLessThan(30_000);
    }
    const end = iso(BOUNDARY_MS + 30 * MINUTE_MS);
    for (const { body } of [count, points]) {
      expect(body.known.not_counted).toContainEqual({ from: iso(BOUNDARY_MS), to: end });
    }
    expect(count.body.known.parts[0]).toMatchObject({ from: iso(FIRST_MS), source: 'elasticsearch' });
    const known = new Map(
      points.body.known.points.map((point: { from: string; count: number }) => [point.from, point.count]),
    );
    expect(known.size).toBeGreaterThan(24);
    expect(known.has(iso(BOUNDARY_MS))).toBe(false);
    for (const point of series.body.points) {
      const isOfClosedDay = [DAYS.final, DAYS.closed].some((day) => point.from.startsWith(day));
      if (isOfClosedDay) expect([point.from, known.get(point.from)]).toEqual([point.from, point.count]);
    }
    const ofFirstDay = [...known].filter(([from]) => String(from) < iso(dayStartMs(DAYS.restated)));
    expect(ofFirstDay.reduce((sum, [, clicks]) => sum + Number(clicks), 0)).toBe(closed.body.count);
  });
  expect((await get(`${AD}/aggregated_count?${CLOSED}`)).status).toBe(200);
});

test('without Hive only questions to the archive wait, and an abandoned one leaves nothing behind', async () => {
  const archived = `${AD}/aggregated_count?from=${FIRST_MS + 1}&to=${FIRST_MS + DAY_MS}`;
  expect((await get(archived, later)).body.receipt.sources).toContain('hive');
  await without('hive', async () => {
    const leaving = AbortSignal.timeout(2_000);
    await expect(fetch(later + archived, { signal: leaving })).rejects.toThrow();
    expect((await get(`${AD}/aggregated_count?${WHOLE}`)).status).toBe(200);
    expect((await get('/readyz')).status).toBe(200);
  });
  expect((await get(archived, later)).status).toBe(200);
});

test('a client that disconnects ends its query in ClickHouse', async () => {
  const running = async (): Promise<number> => {
    const [row] = await rowsOf<{ n: number }>(
      clickhouse,
      "SELECT count() AS n FROM system.processes WHERE query LIKE '%sipHash64(number)%' AND query NOT LIKE '%system.processes%'",
    );
    return row?.n ?? 0;
  };
  const leaving = new AbortController();
  const query = 'SELECT sum(sipHash64(number)) AS s FROM numbers(1000000000000)';
  const asking = queryClickHouse({ clickhouse }, query, {}, leaving.signal);
  asking.catch(() => undefined);
  await expect.poll(running, { timeout: 8_000, interval: 50 }).toBe(1);
  const leftMs = performance.now();
  leaving.abort();
  await expect(asking).rejects.toThrow('ClickHouse');
  await expect.poll(running, { timeout: 30_000, interval: 50 }).toBe(0);
  // Its own time limit would have ended it only later.
  expect(performance.now() - leftMs).toBeLessThan(6_000);
});

test('a client that does not read keeps no query open', async () => {
  const { hostname, port } = new URL(api);
  const socket = connect(Number(port), hostname).pause();
  const request = `GET ${AD}/series?${WHOLE}&size=432 HTTP/1.1\r\nHost: api\r\n\r\n`;
  socket.write(request.repeat(50));
  const running = async () => {
    const query =
      "SELECT count() AS n FROM system.processes WHERE query LIKE '%minutes_by_ad%' AND query NOT LIKE '%system.processes%'";
    return (await rowsOf<{ n: number }>(clickhouse, query))[0]?.n;
  };
  await expect.poll(running, { timeout: 30_000 }).toBe(0);
  expect((await get(`${AD}/aggregated_count?${WHOLE}`)).status).toBe(200);
  socket.destroy();
});
