import { availableParallelism } from 'node:os';
import { setInterval } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { DAY_MS, dayStartMs, HOUR_MS, iso } from '../../domain/time.ts';
import { rows } from '../../infra/clients/clickhouse.ts';
import type { ApiToken } from '../../infra/config.ts';
import { sha256Hex } from '../../infra/hash.ts';
import { adUrl, bearer, get } from '../../test/support/api/get.ts';
import { startWorld, type World } from '../../test/support/api/server.ts';
import { BOUNDARY_MS, DAYS } from '../../test/support/api/world.ts';
import { eventually } from '../../test/support/wait.ts';

/** Sessions of so many clicks take seconds, also with a processor for themselves. */
const CLICKS = 3_000_000;
/** How many of them are answered at once. */
const SLOW = Math.min(4, Math.max(2, availableParallelism()));
const TOKENS: ApiToken[] = ['greedy', 'modest'].map((name) => ({ name, role: 'reader', sha256: sha256Hex(name) }));

let world: World;
let api = '';
let hot = '';
beforeAll(async () => {
  world = await startWorld(inject('env'), 'starving-test');
  api = await world.serve({ tokens: TOKENS });
  hot = `${world.prefix}/hot`;
  await world.clickhouse.command({
    query: `INSERT INTO ads.clicks
              (event_id, ad_id, click_timestamp, user_id, ip, country, arrived_at, topic_partition, topic_offset)
            SELECT concat({ad:String}, toString(number)), {ad:String},
                   fromUnixTimestamp64Milli({from_ms:Int64} + number % {day_ms:Int64}),
                   concat('user ', toString(cityHash64(number) % 400000)), '10.0.0.1', 'USA',
                   fromUnixTimestamp64Milli({now_ms:Int64}), {ad:String}, number
            FROM numbers({clicks:UInt64})`,
    query_params: {
      ad: hot,
      from_ms: dayStartMs(DAYS.closed),
      day_ms: DAY_MS,
      now_ms: Date.now(),
      clicks: CLICKS,
    },
  });
}, 120_000);
afterAll(() => world.stop());

const sessionsUrl = (address: string, gap: number): string =>
  adUrl(address, hot, 'sessions', { from: DAYS.closed, to: DAYS.half, gap });

interface UnderWay {
  priority: string;
  memory: string;
}

/** Queries for sessions that ClickHouse is at work on. */
const slowQueries = (): Promise<UnderWay[]> =>
  rows<UnderWay>(
    world.clickhouse,
    `SELECT Settings['priority'] AS priority, Settings['max_memory_usage'] AS memory
     FROM system.processes WHERE query LIKE '%arraySplit((click%' AND query NOT LIKE '%system.processes%'`,
  );

test('beside twenty slow questions of one token, cheap ones of another take under a second each', async () => {
  const own = `${world.prefix}/a`;
  const cheap = [
    adUrl(api, own, 'aggregated_count', { from: DAYS.final, to: DAYS.restated }),
    adUrl(api, own, 'aggregated_count', { from: iso(BOUNDARY_MS - HOUR_MS), to: iso(BOUNDARY_MS + 30_500) }),
    adUrl(api, own, 'series', { from: DAYS.final, to: DAYS.givenUp, size: 3_600 }),
    `${api}/v1/status`,
  ];
  const modest = bearer('modest');
  const leaving = new AbortController();
  let ended = 0;
  const slow = Array.from({ length: 20 }, async (_, n) => {
    const { status, headers } = await get(sessionsUrl(api, 60 + n), { ...bearer('greedy'), signal: leaving.signal });
    ended += 1;
    return { status, retryAfter: headers.get('retry-after') };
  });
  const all = Promise.allSettled(slow);
  const underWay = await eventually('the slow ones have begun', async () => {
    const found = await slowQueries();
    return found.length >= SLOW && found;
  });
  expect(underWay).toEqual(Array(SLOW).fill({ priority: '2', memory: '1000000000' }));

  const took: number[] = [];
  const asked: Promise<void>[] = [];
  // Each at its time, however long those before it take.
  for await (const url of every(200, [...cheap, ...cheap, ...cheap, ...cheap, ...cheap])) {
    const startMs = performance.now();
    asked.push(
      get(url, modest).then(({ status }) => {
        expect([url, status]).toEqual([url, 200]);
        took.push(performance.now() - startMs);
      }),
    );
  }
  await Promise.all(asked);
  expect(ended).toBeLessThan(20);
  leaving.abort();
  expect(took).toHaveLength(20);
  expect(Math.max(...took)).toBeLessThan(1_000);
  for (const result of await all) {
    if (result.status === 'rejected') continue;
    const { status, retryAfter } = result.value;
    expect([200, 429]).toContain(status);
    expect(retryAfter === null).toBe(status === 200);
  }
}, 120_000);

/** One after the other at this pace. */
async function* every<T>(ms: number, all: readonly T[]): AsyncGenerator<T> {
  const left = [...all];
  for await (const _ of setInterval(ms)) {
    const next = left.shift();
    if (next === undefined) return;
    yield next;
  }
}
