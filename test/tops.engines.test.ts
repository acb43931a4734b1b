import { randomUUID } from 'node:crypto';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ALL_CLICKS } from '../domain/filters/filter.ts';
import { DAYS_ID, topsIndex } from '../domain/names.ts';
import { iso, MINUTE_MS } from '../domain/time.ts';
import { decodeTops } from '../domain/tops.ts';
import { createClickHouse } from '../infra/clients/clickhouse.ts';
import { createElasticsearch } from '../infra/clients/elasticsearch.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { committedOffsets, connectProducer, createKafka, endOffsets, ensureTopics } from '../infra/clients/kafka.ts';
import { readConfig } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';
import type { Service } from '../infra/role.ts';
import { TopAdsPublisher } from '../realtime/publisher/top_ads.ts';
import { countTopAds, sendTopAds } from '../realtime/publisher/top_ads_queries.ts';
import { popularAds } from '../serving/api/questions/popular_ads.ts';
import type { Stores } from '../serving/api/stores/engines.ts';
import { createArchive } from '../serving/api/stores/hive_sessions.ts';
import { boundaryId, putVersioned } from '../serving/documents/state.ts';
import { consume } from '../serving/indexer/consume.ts';
import { createIndex } from '../serving/indexer/indexes.ts';
import { createSetAside } from '../serving/indexer/set_aside.ts';
import { openTopsIndexer } from '../serving/indexer/tops.ts';
import { NOWHERE, storesOfClicks } from './support/api/server.ts';
import { testDays } from './support/days.ts';
import { eventually } from './support/wait.ts';

const urls = engineUrls(readConfig(inject('env')));
const log = createLog('tops-test');
log.level = 'silent';
const name = `clickledger-indexer-tops-test-${randomUUID().slice(0, 8)}`;
const kafka = createKafka(urls.kafka, name, log);
const admin = kafka.admin();
const clickhouse = createClickHouse(urls.clickhouse);
const elasticsearch = createElasticsearch(urls.elasticsearch);
const away = createElasticsearch(NOWHERE);
const LATENESS_MS = 2_000;
const DAY_OF_RUN_MS = testDays(2);
const START_MS = DAY_OF_RUN_MS + 12 * 60 * MINUTE_MS;

let producer: Awaited<ReturnType<typeof connectProducer>>;
let indexer: Service;

beforeAll(async () => {
  await admin.connect();
  producer = await connectProducer(kafka);
  await ensureTopics(admin, [{ topic: name, partitions: 1, config: {} }]);
  await createIndex(elasticsearch, name);
  await elasticsearch.index({ index: name, id: DAYS_ID, document: { held: [], given_up: [] } });
  await putVersioned(elasticsearch, name, boundaryId(0), 1, { boundary_ms: START_MS, watermark_ms: START_MS });
  const tops = await openTopsIndexer(elasticsearch, name);
  indexer = await consume({ kafka, topic: name, group: name }, 1, tops, decodeTops, {
    setAside: createSetAside({ elasticsearch, stateIndex: name, log, metrics: new Registry() }),
    onUnseen: async (...unseen) => {
      throw new Error(`unseen: ${unseen}`);
    },
    onFailure: (error) => {
      throw error;
    },
  });
});
afterAll(async () => {
  await indexer.stop();
  await elasticsearch.indices.delete({ index: [name, topsIndex(name)] });
  await Promise.all([producer.disconnect(), admin.disconnect(), clickhouse.close(), elasticsearch.close()]);
});

/** `ad minute` → clicks: the expected counts. */
const truth = new Map<string, number>();
let counted = 0;
async function click(clicks: { ad: string; minute: number; times: number }[]): Promise<void> {
  const values = clicks.flatMap(({ ad, minute, times }) =>
    Array.from({ length: times }, () => ({
      event_id: randomUUID(),
      ad_id: ad,
      user_id: 'u',
      ip: '10.0.0.1',
      country: 'USA',
      click_timestamp: iso(START_MS + minute * MINUTE_MS + 1),
      arrived_at: iso(Date.now()),
      topic_partition: `${name}-0`,
      topic_offset: counted++,
    })),
  );
  await clickhouse.insert({ table: 'ads.clicks', values, format: 'JSONEachRow' });
  for (const { ad, minute, times } of clicks) {
    truth.set(`${minute} ${ad}`, (truth.get(`${minute} ${ad}`) ?? 0) + times);
  }
}

function plainTop(end: number, window: number) {
  const counts = new Map<string, number>();
  for (const [key, times] of truth) {
    const [minute, ad] = [Number(key.split(' ')[0]), key.slice(key.indexOf(' ') + 1)];
    if (minute >= end - window && minute < end) counts.set(ad, (counts.get(ad) ?? 0) + times);
  }
  return [...counts]
    .map(([ad_id, count]) => ({ ad_id, count }))
    .sort((a, b) => b.count - a.count || Buffer.compare(Buffer.from(a.ad_id), Buffer.from(b.ad_id)))
    .slice(0, 1_000);
}

/** @param dies killed after this many messages */
const publisher = (nowMs = () => 0, dies = Number.POSITIVE_INFINITY): TopAdsPublisher => {
  let left = dies;
  return new TopAdsPublisher({
    nowMs,
    count: (endMs) => countTopAds(clickhouse, endMs),
    send: async (messages) => {
      await sendTopAds(producer, name, messages.slice(0, left));
      left -= messages.length;
      if (left < 0) throw new Error('killed');
    },
  });
};

let boundary = 0;
let watermarkMs = START_MS;
async function step(tops: TopAdsPublisher, to: number, changed: number[] = []): Promise<void> {
  watermarkMs = Math.max(watermarkMs + 1, START_MS + to * MINUTE_MS + 1);
  const [closedFromMs, boundaryMs] = [START_MS + boundary * MINUTE_MS, START_MS + to * MINUTE_MS];
  const minutes = changed.map((minute) => START_MS + minute * MINUTE_MS);
  await tops.publish({ changed: minutes, closedFromMs, boundaryMs, watermarkMs, version: counted });
  boundary = to;
}
async function applied(): Promise<void> {
  await eventually('the top lists are applied', async () => {
    const committed = (await committedOffsets(admin, name, name)).get(0)?.offset ?? 0;
    return committed === (await endOffsets(admin, name)).get(0);
  });
}

const archive = createArchive(() => Promise.reject(new Error('nothing of this is archived')));

type Engines = Partial<Pick<Stores, 'clickhouse' | 'elasticsearch'>>;

/** Top ads of the minutes before `end`, asked this long after the publisher's last step. */
function ads(end: number, window: number, { silentMs = 0, ...engines }: Engines & { silentMs?: number } = {}) {
  const stores = storesOfClicks({ clickhouse, elasticsearch, archive, ...engines }, name, [0]);
  const toMs = START_MS + end * MINUTE_MS;
  const range = { fromMs: toMs - window * MINUTE_MS, toMs };
  const question = { adId: null, ...range, filter: ALL_CLICKS, registered: null, asOfMs: null };
  const clock = { nowMs: watermarkMs + LATENESS_MS + silentMs, latenessMs: LATENESS_MS };
  const { signal } = new AbortController();
  const context = {
    stores,
    clickhouse: stores.clickhouse,
    readFindings: async () => [],
    clock,
    signal,
    log: () => log,
  };
  return popularAds(context, { ...question, limit: 1_000 });
}

/** Asks, expects the correct answer, and returns where it came from. */
async function source(...asked: Parameters<typeof ads>): Promise<string> {
  const answer = await ads(...asked);
  expect(answer.ads).toEqual(plainTop(asked[0], asked[1]));
  return answer.receipt.sources.join();
}

test('closed windows are answered from their top lists: a thousand of more ads, ties by ad', async () => {
  const many = Array.from({ length: 1_200 }, (_, n) => ({ ad: `ad ${n % 2 ? 'ü' : 'z'}${n}`, minute: 2, times: 1 }));
  await click([...many, ...many.slice(100, 150), { ad: 'early', minute: 0, times: 9 }]);
  await step(publisher(), 4);
  await applied();
  for (const window of [1, 5, 15]) {
    for (const end of [1, 3, 4]) expect(await source(end, window), `${window} to ${end}`).toBe('elasticsearch');
    expect(await source(5, window)).toBe('clickhouse');
  }
  expect(await source(4, 2)).toBe('clickhouse');
  expect(await source(4, 5, { silentMs: 5_000 })).toBe('elasticsearch');
  expect(await source(4, 5, { silentMs: 5_001 })).toBe('clickhouse');
  expect(await source(4, 5, { elasticsearch: away })).toBe('clickhouse');
}, 120_000);

test('without ClickHouse the last published list is returned as partial, however old it is', async () => {
  const gone = createClickHouse(NOWHERE);
  const ask = (end: number) => ads(end, 5, { silentMs: 60_000, clickhouse: gone });
  await expect(ask(4)).rejects.toMatchObject({
    status: 503,
    type: 'urn:clickledger:problem:engine-unavailable',
    members: { missing: ['clickhouse'], known: { ads: plainTop(4, 5), as_of: iso(watermarkMs) } },
  });
  await expect(ask(5)).rejects.toMatchObject({ members: { known: null } });
  await gone.close();
}, 120_000);

test('a click for a closed minute has the list of each window over it restated, in the same step', async () => {
  await click([{ ad: 'late', minute: 3, times: 20 }]);
  await step(publisher(), 20, [3]);
  await applied();
  for (const [end, window] of [
    [4, 1],
    [8, 5],
    [18, 15],
    [19, 15],
    [20, 1],
  ] as const) {
    expect(await source(end, window)).toBe('elasticsearch');
  }
}, 120_000);

test('lists without time budget are retracted, and restated in a later step', async () => {
  let ms = 0;
  const slow = publisher(() => {
    ms += 600;
    return ms;
  });
  await click([{ ad: 'later', minute: 10, times: 30 }]);
  await step(slow, 21, [10]);
  await applied();
  expect(await source(21, 15)).toBe('elasticsearch');
  expect(await source(11, 1)).toBe('clickhouse');
  for (let n = 0; n < 60; n++) await step(slow, 21);
  await applied();
  expect(await source(11, 1)).toBe('elasticsearch');
}, 120_000);

test('the next step repairs whatever a publisher killed anywhere in a step left', async () => {
  for (const [n, dies] of [0, 1, 3, 4, 21].entries()) {
    await click([{ ad: `killed ${n}`, minute: 15, times: 40 + n }]);
    await expect(
      step(
        publisher(() => 0, dies),
        22,
        [15],
      ),
    ).rejects.toThrow('killed');
    await step(publisher(), 22, [15]);
    await applied();
    for (const end of [16, 20, 22]) expect(await source(end, 5)).toBe('elasticsearch');
  }
}, 120_000);

test('late messages from a paused process are older than the current ones, and ignored', async () => {
  const version = counted;
  await click([{ ad: 'newer', minute: 16, times: 50 }]);
  await step(publisher(), 22, [16]);
  const endMs = START_MS + 17 * MINUTE_MS;
  await sendTopAds(producer, name, [{ kind: 'top', endMs, window: 1, version, ads: [['wrong', 1]] }]);
  await applied();
  expect(await source(17, 1)).toBe('elasticsearch');
}, 120_000);

test('a day that was given up or published is not answered from its top lists', async () => {
  const date = iso(START_MS).slice(0, 10);
  await elasticsearch.index({ index: name, id: DAYS_ID, document: { held: [], given_up: [date] } });
  expect(await source(22, 5)).toBe('clickhouse');
  await elasticsearch.index({ index: name, id: DAYS_ID, document: { held: [], given_up: [] } });
  expect(await source(22, 5)).toBe('elasticsearch');

  const run = { run: 1, ad_id: 'of the run', click_minute: START_MS / 1_000 + 21 * 60, country: 'USA', clicks: 3 };
  await clickhouse.insert({ table: 'ads.clicks_per_minute_batch', values: [run], format: 'JSONEachRow' });
  const time = iso(Date.now());
  const event = { date, seq: 1, run: 1, state: 'published', reason: 'test', requested_by: 'test', cut: {} };
  const published = { ...event, started_at: time, finished_at: time, recorded_at: time, clicks: 3, inputs: '{}' };
  await clickhouse.insert({ table: 'ads.ledger', values: [published], format: 'JSONEachRow' });
  truth.clear();
  truth.set('21 of the run', 3);
  expect(await source(22, 5)).toBe('clickhouse');
}, 120_000);
