import { z } from 'zod';
import type { EventKind } from '../domain/event_kinds.ts';
import { databaseOf } from '../domain/names.ts';
import { DAY_MS, dayOf, dayStartMs, MINUTE_MS } from '../domain/time.ts';
import { createClickHouse } from '../infra/clients/clickhouse.ts';
import { createElasticsearch } from '../infra/clients/elasticsearch.ts';
import { putTemplates } from '../infra/migrate.ts';
import { sql } from '../infra/sql.ts';
import { freePort } from '../infra/supervisor/ports.ts';
import { median } from './arithmetic.ts';
import type { Running } from './process.ts';
import { closedIndexer, recordRuns } from './questions/days.ts';
import type { BenchSite } from './site.ts';
import type { Benchmark, Round } from './types.ts';
import { meter } from './usage.ts';

const SQL = { run: sql('clickhouse/bench/report_run.sql'), byHand: sql('clickhouse/bench/report_by_hand.sql') };
const KINDS: readonly EventKind[] = ['click', 'impression'];
const START_MS = dayStartMs('2021-01-01');
const DAYS = 30;
const ADS = 100_000;
const CLICKS = 1_000_000;
/** To each click. */
const IMPRESSIONS = 20;
const ANSWERS_A_ROUND = 10;

const UTC_MS = 'a report by ad over 30 days of UTC, median ms';
const ZONE_MS = `the same over ${DAYS - 1} days of Kathmandu, median ms`;
const LIST_MS = 'a page of the list of ads, median ms';

const answer = z.object({ rows_in_all: z.int() });
const list = z.object({ ads: z.array(z.unknown()) });

/** What an analyst asks for most: all ads of a month by their rate. Each report is counted anew. */
export const report: Benchmark = {
  name: 'report',
  about: `clicks, impressions and CTR of ${ADS} ads over ${DAYS} published days, greatest first, beside a statement by hand`,
  sides: {
    ours: '/v1/report: by the runs of each day, with receipts, its rows kept for further pages',
    peer: 'one statement by hand, from the same rollup: no runs, receipts or pages',
  },
  engines: ['kafka', 'clickhouse', 'elasticsearch'],
  eventKinds: KINDS,
  rows: CLICKS,
  async prepare(site, { rows, report: say }) {
    await publish(site, rows);
    say(`${DAYS} days of ${rows} clicks and ${rows * IMPRESSIONS} impressions are published`);
    const port = String(await freePort());
    const api = await site.startRole('api', site.folder, { API_PORT: port, EVENT_KINDS: KINDS.join() });
    const address = `http://127.0.0.1:${port}`;
    return { ours: () => byApi(site, api, address), peer: () => byHand(site) };
  },
  targets: ({ ours, ratio }) => [
    { what: UTC_MS, value: ours.facts[UTC_MS] ?? Number.NaN, atMost: 1_000 },
    { what: ZONE_MS, value: ours.facts[ZONE_MS] ?? Number.NaN, atMost: 5_000 },
    { what: 'reports/s, ours ÷ by hand', value: ratio, atLeast: 0.5 },
  ],
};

async function publish(site: BenchSite, clicks: number): Promise<void> {
  await site.emptyTopics();
  await site.emptyTables();
  const elasticsearch = createElasticsearch(site.urls.elasticsearch);
  await putTemplates(elasticsearch);
  const days = Array.from({ length: DAYS }, (_, n) => dayOf(START_MS + n * DAY_MS));
  for (const event of KINDS) {
    const events = event === 'click' ? clicks : clicks * IMPRESSIONS;
    const clickhouse = createClickHouse(site.urls.clickhouse, { database: databaseOf(event) });
    const filled = { ads: ADS, start_s: START_MS / 1_000, days: DAYS, events };
    await clickhouse.command({ query: SQL.run, query_params: filled });
    await clickhouse.command({ query: 'OPTIMIZE TABLE clicks_per_minute_batch FINAL' });
    await recordRuns(clickhouse, event, days, Math.ceil(events / DAYS));
    await clickhouse.close();
    await closedIndexer(elasticsearch, event, DAYS);
  }
  await elasticsearch.close();
}

async function byApi(site: BenchSite, api: Running, address: string): Promise<Round> {
  const ask = async (path: string): Promise<unknown> => {
    const response = await fetch(address + path);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const reported = async (from: string, more = ''): Promise<void> => {
    const found = answer.parse(await ask(`/v1/report?by=ad&metrics=impressions,clicks,ctr&${from}${more}`));
    if (found.rows_in_all < ADS * 0.99) throw new Error(`${found.rows_in_all} ads in a report of ${ADS}`);
  };
  const to = START_MS + DAYS * DAY_MS;
  // Midnight of Kathmandu, 5:45 ahead: the first and the last day are read by minutes.
  const local = START_MS + DAY_MS - (5 * 60 + 45) * MINUTE_MS;
  const used = meter({ api: api.pid, ...site.engines });
  const utc = await timesOf(() => reported(`from=${START_MS}&to=${to}`));
  const metered = used();
  const localTo = local + (DAYS - 1) * DAY_MS;
  const zone = await timesOf(() => reported(`from=${local}&to=${localTo}`, '&tz=Asia/Kathmandu'), 3);
  const listed = await timesOf(async () => {
    const { ads } = list.parse(await ask('/v1/ads?limit=1000'));
    if (ads.length !== 1_000) throw new Error(`${ads.length} ads in a page of 1,000`);
  }, 3);
  return {
    phases: [{ name: 'report', rows: ANSWERS_A_ROUND, ...metered }],
    facts: { [UTC_MS]: median(utc), [ZONE_MS]: median(zone), [LIST_MS]: median(listed) },
  };
}

async function byHand(site: BenchSite): Promise<Round> {
  const asked = { from: dayOf(START_MS), to: dayOf(START_MS + DAYS * DAY_MS) };
  const used = meter(site.engines);
  const times = await timesOf(async () => {
    const found = await site.clickhouse.query({ query: SQL.byHand, query_params: asked, format: 'JSONEachRow' });
    if ((await found.json()).length !== 100) throw new Error('fewer ads than a page has');
  });
  return { phases: [{ name: 'report', rows: ANSWERS_A_ROUND, ...used() }], facts: { [UTC_MS]: median(times) } };
}

async function timesOf(ask: () => Promise<void>, answers = ANSWERS_A_ROUND): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < answers; n++) {
    const since = performance.now();
    await ask();
    times.push(performance.now() - since);
  }
  return times;
}
