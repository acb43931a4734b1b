import { join } from 'node:path';
import { STATE_INDEX } from '../domain/names.ts';
import { monthNumber } from '../domain/retention.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, minuteOf } from '../domain/time.ts';
import { createElasticsearch } from '../infra/clients/elasticsearch.ts';
import { putTemplates } from '../infra/migrate.ts';
import { sql } from '../infra/sql.ts';
import { freePort } from '../infra/supervisor/ports.ts';
import { prepareState } from '../serving/indexer/consume.ts';
import type { Range } from '../serving/planner/ranges.ts';
import { oneByOne } from './api/load.ts';
import { even, writeLog } from './clicks.ts';
import { countTopic, fillTopic, mergeTables, TABLES } from './path.ts';
import type { Site } from './site.ts';
import type { Benchmark, Phase, Round } from './types.ts';

const FILL = sql('clickhouse/bench/growth_clicks.sql');
const TIMES = 100;
/** Clicks that the sink counts in a round. */
const MESSAGES = 300_000;
const QUESTIONS = 300;
const ONE_AD = 'clicks of an ad in an hour, median ms';
const TOP = 'top 100 of an hour, median ms';

/** Clicks of days long over must not make those of today dearer, neither to count nor to ask for. */
export const growth: Benchmark = {
  name: 'growth',
  about: `counting and asking today beside ${TIMES} times the clicks of an hour, and beside those of the hour alone`,
  sides: { ours: `${TIMES} times the clicks are there`, peer: 'only those of an hour' },
  engines: ['kafka', 'clickhouse', 'elasticsearch'],
  rows: 1_000_000,
  takesAds: true,
  async prepare(site, { rows, ads, report }) {
    await site.emptyTables();
    await site.emptyTopics();
    const endMs = minuteOf(Date.now());
    const hour = { fromMs: endMs - HOUR_MS, toMs: endMs };
    await fill(site, 'hour', hour, { rows, ads });
    // Detached and attached by its month, which must not be one of the hour.
    const before = { fromMs: endMs - 42 * DAY_MS, toMs: endMs - 40 * DAY_MS };
    await fill(site, 'before', before, { rows: (TIMES - 1) * rows, ads });
    report(`${TIMES * rows} clicks are there`);
    const months = [...new Set([monthNumber(before.fromMs), monthNumber(before.toMs - 1)])];
    const origin = await startApi(site);
    const counter = { folder: site.newFolder(), sent: 0, ads };
    const round = async (command: 'ATTACH' | 'DETACH'): Promise<Round> => {
      for (const table of TABLES) {
        for (const month of months) {
          await site.clickhouse.command({ query: `ALTER TABLE ads.${table} ${command} PARTITION ${month}` });
        }
      }
      return { phases: [await count(site, counter)], facts: await ask(origin, hour, ads) };
    };
    return { ours: () => round('ATTACH'), peer: () => round('DETACH') };
  },
  targets: ({ ours, peer, ratios }) => {
    const times = (fact: string): number => (ours.facts[fact] ?? Number.NaN) / (peer.facts[fact] ?? Number.NaN);
    return [
      { what: 'CPU-seconds of a click counted', value: ratios.sink?.cpu_seconds ?? Number.NaN, atMost: 1.2 },
      { what: 'time of a click counted', value: 1 / (ratios.sink?.rows_per_second ?? Number.NaN), atMost: 1.2 },
      { what: ONE_AD, value: times(ONE_AD), atMost: 2 },
      { what: TOP, value: times(TOP), atMost: 2 },
    ];
  },
};

async function fill(
  site: Site,
  name: string,
  { fromMs, toMs }: Range,
  { rows, ads }: { rows: number; ads: number },
): Promise<void> {
  const query_params = { name, start_ms: fromMs, span_ms: toMs - fromMs, rows, ads };
  await site.clickhouse.command({ query: FILL, query_params });
  await mergeTables(site);
}

async function startApi(site: Site): Promise<string> {
  const elasticsearch = createElasticsearch(site.urls.elasticsearch);
  await putTemplates(elasticsearch);
  await prepareState(elasticsearch, STATE_INDEX, site.queue);
  await elasticsearch.close();
  const port = String(await freePort());
  await site.startRole('api', site.newFolder(), { API_PORT: port });
  return `http://127.0.0.1:${port}`;
}

/** Further clicks of the present, from the topic into the tables. */
async function count(site: Site, counter: { folder: string; sent: number; ads: number }): Promise<Phase> {
  const { folder } = counter;
  const log = join(folder, 'lines', `${counter.sent}.log`);
  await writeLog(log, MESSAGES, even(counter.ads), counter.sent);
  counter.sent += MESSAGES;
  await fillTopic(site, folder, join(folder, 'lines', '*.log'), counter.sent);
  return { ...(await countTopic(site, folder, counter.sent)), rows: MESSAGES };
}

async function ask(origin: string, { fromMs, toMs }: Range, ads: number): Promise<Record<string, number>> {
  const counts = Array.from(
    { length: QUESTIONS },
    (_, n) => `/v1/ads/ad${n % ads}/aggregated_count?from=${fromMs}&to=${toMs}`,
  );
  const window = (toMs - fromMs) / MINUTE_MS;
  const tops = Array.from({ length: QUESTIONS }, () => `/v1/ads/popular_ads?at=${toMs}&window=${window}&count=100`);
  return {
    [ONE_AD]: (await oneByOne(origin, counts)).p50,
    [TOP]: (await oneByOne(origin, tops)).p50,
  };
}
