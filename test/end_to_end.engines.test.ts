import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { type Fact, lineOf, perMinute } from '../prove/oracle.ts';
import {
  type ApiCount,
  analystSql,
  askApi,
  clickledgerJson,
  count,
  hiveRows,
  type PopularAnswer,
  searchRest,
} from './support/client.ts';
import { COUNTRIES, countWhere, sample, sampleRandom, topAds } from './support/sample.ts';
import { eventually } from './support/wait.ts';

const env = inject('env');
const DAY = '2021-01-05';
const NEXT_DAY = '2021-01-06';
const DAY_MS = Date.UTC(2021, 0, 5);
const TEN = DAY_MS + 10 * 3_600_000;
const AD = 'e2e-';
const logs = join(env.DATA_DIR as string, 'logs');

const SERVERS = ['web-a', 'web-b', 'web-c'];
const startedAt = Date.now();
/** Three servers, 20,000 lines: four of five happened on one morning in January 2021, the others just now. */
const samples = SERVERS.map((_, index) =>
  sample({
    count: index === 0 ? 6_668 : 6_666,
    seed: index + 1,
    adPrefix: AD,
    ads: 500,
    times: (n) => (n % 5 === 4 ? startedAt - 5_000 : TEN + Math.floor((n / 6_668) * 3_600_000)),
  }),
);
const facts = samples.flatMap((made) => made.facts);
const past = facts.filter(({ at }) => at < startedAt - 86_400_000);
const present = facts.filter(({ at }) => at >= startedAt - 86_400_000);

/** Appends like a server: in pieces that end in the middle of a line; the second server rotates half-way. */
async function writeLogs(): Promise<void> {
  const next = sampleRandom(99);
  const texts = samples.map(({ lines }) => Buffer.from(`${lines.join('\n')}\n`));
  const written = texts.map(() => 0);
  let rotated = false;
  while (texts.some((text, server) => (written[server] as number) < text.length)) {
    for (const [server, text] of texts.entries()) {
      const from = written[server] as number;
      const to = Math.min(text.length, from + 1 + Math.floor(next() * 60_000));
      appendFileSync(join(logs, `${SERVERS[server]}.log`), text.subarray(from, to));
      written[server] = to;
      if (server === 1 && !rotated && to > text.length / 2) {
        rotated = true;
        // To the end of the line, so that the new file begins with a whole one.
        const lineEnd = text.indexOf('\n', to) + 1;
        appendFileSync(join(logs, 'web-b.log'), text.subarray(to, lineEnd));
        written[server] = lineEnd;
        renameSync(join(logs, 'web-b.log'), join(logs, 'web-b.log.1'));
        writeFileSync(join(logs, 'web-b.log'), '');
      }
    }
    // So that reading and writing overlap.
    await delay(50);
  }
}

const rawTotal = async (): Promise<number> => {
  const [row] = await analystSql<{ n: string }>(
    env,
    `SELECT toString(count()) AS n FROM ads.clicks WHERE startsWith(ad_id, '${AD}')`,
  );
  return Number(row?.n);
};

/** Sums by ad, minute and country, in the oracle's format. */
async function fromClickHouse(view: string, where = '1'): Promise<Map<string, number>> {
  const found = await analystSql<{ k: string; n: string }>(
    env,
    `SELECT concat(ad_id, '|', toString(toUnixTimestamp(click_minute) * 1000), '|', country) AS k, toString(clicks) AS n
     FROM ads.${view} WHERE startsWith(ad_id, '${AD}') AND ${where}`,
  );
  return new Map(found.map(({ k, n }) => [k, Number(n)]));
}

interface Hits {
  hits: { hits: { _source: { ad_id: string; minute: number; country: string; clicks: number }; sort: unknown[] }[] };
}

async function fromElasticsearch(index: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  let after: unknown[] | undefined;
  for (;;) {
    const page = await searchRest<Hits>(env, `/${index}/_search`, {
      size: 5_000,
      query: { prefix: { ad_id: AD } },
      sort: ['ad_id', 'minute', 'country'],
      ...(after ? { search_after: after } : {}),
    });
    for (const { _source: row } of page.hits.hits) counts.set(`${row.ad_id}|${row.minute}|${row.country}`, row.clicks);
    after = page.hits.hits.at(-1)?.sort;
    if (!after) return counts;
  }
}

const total = (counts: Map<string, number>) => [...counts.values()].reduce((sum, clicks) => sum + clicks, 0);
const byKey = (counts: Map<string, number>) => [...counts].sort(([a], [b]) => (a < b ? -1 : 1));

/** Runs eight checks at a time. */
async function eachOf<T>(items: T[], check: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const work = async (): Promise<void> => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await check(item);
  };
  await Promise.all(Array.from({ length: 8 }, work));
}

/** Checks every ad of the day through the API, and ranges with arbitrary seconds. */
async function expectAnswersToEqualTheOracle(status: string): Promise<void> {
  const ads = [...new Set(past.map(({ ad }) => ad))];
  await eachOf(ads, async (ad) => {
    const answer = await count(env, ad, DAY, NEXT_DAY);
    expect(answer.count).toBe(countWhere(past, (fact) => fact.ad === ad));
    expect(answer.receipt.status).toBe(status);
    expect((answer.receipt.batch.count ?? 0) + (answer.receipt.realtime.count ?? 0)).toBe(answer.count);
  });
  const next = sampleRandom(7);
  for (let i = 0; i < 60; i++) {
    const ad = ads[Math.floor(next() * Math.min(20, ads.length))] as string;
    const countries = COUNTRIES.filter(() => next() < 0.5);
    const from = TEN + Math.floor(next() * 3_000_000);
    const to = from + 1 + Math.floor(next() * 900_000);
    const answer = await count(env, ad, from, to, countries.length > 0 ? `&country=${countries.join(',')}` : '');
    const wanted = countWhere(
      past,
      (fact) =>
        fact.ad === ad &&
        fact.at >= from &&
        fact.at < to &&
        (countries.length === 0 || countries.includes(fact.country)),
    );
    expect({ ad, from, to, countries, count: answer.count }).toEqual({ ad, from, to, countries, count: wanted });
  }
}

async function expectTopAdsToEqualTheOracle(status: string): Promise<void> {
  for (const [minutes, limit] of [
    [1, 10],
    [5, 100],
    [60, 1000],
  ] as const) {
    const end = TEN + 60 * 60_000;
    const answer = await askApi<PopularAnswer>(env, `/v1/ads/popular_ads?window=${minutes}&count=${limit}&at=${end}`);
    const inWindow = past.filter(({ at }) => at >= end - minutes * 60_000 && at < end);
    const wanted = topAds(inWindow, limit);
    expect(answer.ads).toEqual(wanted);
    expect(answer.ad_ids).toEqual(wanted.map(({ ad_id }) => ad_id));
    expect(answer.window).toBe(minutes);
    expect(answer.update_time_minute).toBe(new Date(end).toISOString());
    expect(answer.receipt.status).toBe(status);
  }
}

const FRESH_AD = 'fresh-ad';
let freshMinute: number;

// First, so that its minute closes during the other tests.
test('a current line is counted within 5 s from ClickHouse', async () => {
  const at = Date.now();
  const line = lineOf({ ad: FRESH_AD, at, user: 'u', ip: '::1', country: 'NZ', id: 'fresh-1' });
  appendFileSync(join(logs, 'web-d.log'), `${line}\n`);
  freshMinute = at - (at % 60_000);
  const open = await eventually('the line of the present', async () => {
    const now = await count(env, FRESH_AD, freshMinute, freshMinute + 60_000);
    return now.count === 1 && now;
  });
  expect(Date.now() - at).toBeLessThan(5_000);
  expect(open.receipt.sources).toContain('clickhouse');
});

describe.sequential('from a log line to an answer', () => {
  beforeAll(writeLogs, 120_000);

  test('every line is counted once in ClickHouse: raw, and per ad, minute and country', async () => {
    await eventually(`${facts.length} clicks in ads.clicks`, async () => (await rawTotal()) >= facts.length);
    // An insert is visible in the raw table a moment before its views' tables.
    await eventually(
      'them in the minutes',
      async () => total(await fromClickHouse('clicks_per_minute')) >= facts.length,
    );
    expect(await rawTotal()).toBe(facts.length);
    for (const view of ['clicks_per_minute', 'clicks_per_minute_realtime']) {
      expect(byKey(await fromClickHouse(view))).toEqual(byKey(perMinute(facts)));
    }
  });

  test('the real-time index holds every ad, minute and country of the day, also for a REST client', async () => {
    const index = 'ad-minutes-2021.01.05-rt';
    const wanted = byKey(perMinute(past));
    await eventually('the day in Elasticsearch', async () => {
      return total(await fromElasticsearch(index)) >= past.length;
    });
    expect(byKey(await fromElasticsearch(index))).toEqual(wanted);
  });

  test('the API equals the oracle before the rebuild, and answers provisional', async () => {
    await expectAnswersToEqualTheOracle('provisional');
    await expectTopAdsToEqualTheOracle('provisional');
  });

  test('current clicks are counted', async () => {
    for (const ad of [`${AD}000`, `${AD}001`]) {
      const answer = await count(env, ad, startedAt - 3_600_000, startedAt + 60_000);
      expect(answer.count).toBe(countWhere(present, (fact) => fact.ad === ad));
      expect(answer.receipt.status).toBe('provisional');
    }
  });

  test('broken lines are kept with their reason, and counted', async () => {
    const broken = samples.reduce((sum, made) => sum + made.broken, 0);
    interface Status {
      stages: { name: string; in: number; out: number; rejected: number; duplicates: number }[];
      conservation: { rule: string; ok: boolean }[];
    }
    const status = await clickledgerJson<Status>(env, 'status');
    expect(status.stages.find(({ name }) => name === 'ingest')?.rejected).toBeGreaterThanOrEqual(broken);
    const resent = samples.reduce((sum, made) => sum + made.resent, 0);
    expect(status.stages.find(({ name }) => name === 'realtime')?.duplicates).toBeGreaterThanOrEqual(resent);
  });

  test('no wrong sum is visible while publishing, and the day is final after it', async () => {
    const ads = topAds(past, 3);
    let publishing = true;
    const seen = new Set<string>();
    const wrong: unknown[] = [];
    const poll = (async () => {
      while (publishing) {
        for (const { ad_id, count: wanted } of ads) {
          const answer: ApiCount = await count(env, ad_id, DAY, NEXT_DAY);
          seen.add(answer.receipt.status);
          if (answer.count !== wanted) wrong.push({ where: 'api', wanted, answer });
          const [row] = await analystSql<{ n: string }>(
            env,
            `SELECT toString(sum(clicks)) AS n FROM ads.clicks_per_minute
             WHERE ad_id = '${ad_id}' AND toDate(click_minute) = '${DAY}'`,
          );
          if (Number(row?.n) !== wanted) wrong.push({ where: 'ads.clicks_per_minute', ad_id, wanted, got: row?.n });
        }
      }
    })();
    const result = await clickledgerJson<{ runs: { date: string; run: number; clicks: number; state: string }[] }>(
      env,
      'rebuild',
      '--from',
      DAY,
      '--to',
      NEXT_DAY,
      '--reason',
      'end-to-end test',
    ).finally(() => {
      publishing = false;
    });
    await poll;
    expect(wrong).toEqual([]);
    expect(result.runs).toMatchObject([{ date: DAY, run: 1, clicks: past.length, state: 'published' }]);
    expect([...seen]).toContain('provisional');
    await expectAnswersToEqualTheOracle('final');
    await expectTopAdsToEqualTheOracle('final');
  });

  test('after it, ClickHouse, Hive and Elasticsearch agree with the oracle on the run', async () => {
    const wanted = byKey(perMinute(past));
    const day = `toDate(click_minute) = '${DAY}'`;
    expect(byKey(await fromClickHouse('clicks_per_minute', day))).toEqual(wanted);
    expect(byKey(await fromClickHouse('clicks_per_minute_batch', `${day} AND run = 1`))).toEqual(wanted);
    expect(byKey(await fromElasticsearch('ad-minutes-2021.01.05-r1'))).toEqual(wanted);
    const aliased = await eventually('the alias on the run', async () => {
      const alias = await searchRest<Record<string, unknown>>(env, '/_alias/ad-minutes');
      return (
        Object.keys(alias)
          .filter((name) => name.includes('2021.01.05'))
          .join() === 'ad-minutes-2021.01.05-r1'
      );
    });
    expect(aliased).toBe(true);
    const found = await hiveRows(
      env,
      `SELECT concat(ad_id, '|', click_minute, '|', country) AS k, CAST(clicks AS STRING) AS n
       FROM ads.clicks_per_minute WHERE dt = '${DAY}'`,
    );
    expect(byKey(new Map(found.map(({ k, n }) => [String(k), Number(n)])))).toEqual(wanted);
  });

  test('a click that comes after the cut is late, and the next run restates the day', async () => {
    const late: Fact = { ad: `${AD}000`, at: TEN + 1, user: 'late', ip: '10.9.9.9', country: 'USA', id: `${AD}late` };
    appendFileSync(join(logs, 'web-a.log'), `${lineOf(late)}\n`);
    const before = countWhere(past, (fact) => fact.ad === late.ad);
    const answer = await eventually('the late click is reported', async () => {
      const now = await count(env, late.ad, DAY, NEXT_DAY);
      return now.receipt.late === 1 && now;
    });
    expect(answer.count).toBe(before);
    expect(answer.receipt.status).toBe('final');
    await clickledgerJson(env, 'rebuild', '--from', DAY, '--to', NEXT_DAY, '--reason', 'a late click');
    const restated = await count(env, late.ad, DAY, NEXT_DAY);
    expect(restated).toMatchObject({ count: before + 1, receipt: { status: 'restated', late: 0 } });
    expect(restated.receipt.batch.runs).toEqual([{ date: DAY, run: 2 }]);
  });

  test('rolling back returns to the previous run', async () => {
    await clickledgerJson(env, 'rollback', '--date', DAY, '--run', '1', '--reason', 'try it');
    const answer = await count(env, `${AD}000`, DAY, NEXT_DAY);
    expect(answer.count).toBe(countWhere(past, (fact) => fact.ad === `${AD}000`));
    expect(answer.receipt).toMatchObject({ status: 'final', late: 1, batch: { runs: [{ date: DAY, run: 1 }] } });
  });
});

describe('freshness', () => {
  test('the seed line is counted within 10 s, from Elasticsearch', async () => {
    const before = await count(env, 'ad001', Date.UTC(2021, 0, 1), Date.UTC(2021, 0, 2));
    const writtenAt = Date.now();
    appendFileSync(join(logs, 'web-a.log'), '[AdClickEvent] ad001, 2021-01-01 00:00:01, user 1, 207.48.22.22, USA\n');
    const answer = await eventually('the seed line', async () => {
      const now = await count(env, 'ad001', Date.UTC(2021, 0, 1), Date.UTC(2021, 0, 2));
      return now.count === before.count + 1 && now.receipt.sources.join() === 'elasticsearch' && now;
    });
    expect(Date.now() - writtenAt).toBeLessThan(10_000);
    expect(answer.receipt.status).toBe('provisional');
  });

  test('once its minute has closed, the line of the present is counted from Elasticsearch', async () => {
    const closed = await eventually(
      'its minute in Elasticsearch',
      async () => {
        const now = await count(env, FRESH_AD, freshMinute, freshMinute + 60_000);
        return now.receipt.sources.join() === 'elasticsearch' && now;
      },
      90_000,
    );
    expect(closed.count).toBe(1);
  });
});
