import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { DAY_MS } from '../domain/time.ts';
import { type Fact, lineOf, perMinute } from '../prove/oracle.ts';
import { analystSql, askApi, count } from './support/client.ts';
import { sampleRandom } from './support/sample.ts';
import { eventually } from './support/wait.ts';

const env = inject('env');
const logs = join(env.DATA_DIR as string, 'logs');
const PREFIX = 'backfill-';
const OLD_LINES = 30_000;
const OLD_DAYS = 5 * 365;
const OLD_FROM = Date.UTC(2011, 0, 1);
const LIVE_LINES_PER_TICK = 5;
const TICK_MS = 100;
/** Limit for counting a current click, whatever else arrives. */
const FRESH_SECONDS = 10;
/**
 * The same while old clicks arrive, also on a slow or busy machine: waiting for an index per day would take minutes.
 */
const STILL_FRESH_SECONDS = 30;

const next = sampleRandom(11);
const pick = (n: number): number => Math.floor(next() * n);

const old: Fact[] = Array.from({ length: OLD_LINES }, (_, n) => ({
  ad: `${PREFIX}old-${pick(50)}`,
  at: OLD_FROM + pick(OLD_DAYS) * DAY_MS + pick(DAY_MS),
  user: `user ${pick(1_000)}`,
  ip: '10.0.0.1',
  country: ['USA', 'DEU'][pick(2)] as string,
  id: n % 2 === 0 ? null : `${PREFIX}${n}`,
}));
const live: Fact[] = [];

async function counted(ads: string): Promise<Map<string, number>> {
  const found = await analystSql<{ k: string; n: string }>(
    env,
    `SELECT concat(ad_id, '|', toString(toUnixTimestamp(click_minute) * 1000), '|', country) AS k, toString(clicks) AS n
     FROM ads.clicks_per_minute_realtime WHERE startsWith(ad_id, '${PREFIX}${ads}')`,
  );
  return new Map(found.map(({ k, n }) => [k, Number(n)]));
}

const sum = (counts: Map<string, number>): number => [...counts.values()].reduce((all, n) => all + n, 0);
const byKey = (counts: Map<string, number>) => [...counts].sort(([a], [b]) => (a < b ? -1 : 1));

test('clicks of five past years among live ones are each counted, and delay no live ones', async () => {
  const file = (name: string): string => join(logs, `${PREFIX}${name}.log`);
  let isLive = true;
  const writingLive = (async () => {
    while (isLive) {
      const lines = Array.from({ length: LIVE_LINES_PER_TICK }, () => {
        const fact = {
          ad: `${PREFIX}live`,
          at: Date.now(),
          user: `u${live.length}`,
          ip: '::1',
          country: 'NZ',
          id: null,
        };
        live.push(fact);
        return `${lineOf(fact)}\n`;
      });
      appendFileSync(file('live'), lines.join(''));
      await delay(TICK_MS);
    }
  })();
  const fresh: number[] = [];
  const watching = (async () => {
    while (isLive) {
      const { freshness_seconds } = await askApi<{ freshness_seconds: number | null }>(env, '/v1/status');
      fresh.push(freshness_seconds ?? Number.POSITIVE_INFINITY);
      await delay(TICK_MS);
    }
  })();
  try {
    await eventually('live clicks', async () => fresh.length > 20 && (fresh.at(-1) ?? 99) < FRESH_SECONDS);
    fresh.length = 0;

    for (let n = 0; n < OLD_LINES; n += 1_000) {
      appendFileSync(
        file('old'),
        old
          .slice(n, n + 1_000)
          .map((fact) => `${lineOf(fact)}\n`)
          .join(''),
      );
      await delay(TICK_MS);
    }
    await eventually('every old click', async () => sum(await counted('old')) === OLD_LINES, 120_000);
    const looked = fresh.length;
    // More checks: creating one index for each of so many days would take minutes.
    await eventually('150 looks more', async () => fresh.length >= looked + 150, 120_000);
  } finally {
    isLive = false;
  }
  await Promise.all([writingLive, watching]);

  const facts = [...old, ...live];
  await eventually('every click', async () => sum(await counted('')) >= facts.length);
  expect(byKey(await counted(''))).toEqual(byKey(perMinute(facts)));
  expect(Math.max(...fresh)).toBeLessThanOrEqual(STILL_FRESH_SECONDS);

  const ofAd = old.filter(({ ad }) => ad === `${PREFIX}old-7`);
  const answer = await count(env, `${PREFIX}old-7`, OLD_FROM, OLD_FROM + OLD_DAYS * DAY_MS);
  expect(answer.count).toBe(ofAd.length);
}, 400_000);
