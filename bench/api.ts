import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GROUPS, STATE_INDEX, TOPICS } from '../domain/names.ts';
import { DAY_MS, dayOf, dayStartMs, HOUR_MS, MINUTE_MS } from '../domain/time.ts';
import { createElasticsearch } from '../infra/clients/elasticsearch.ts';
import { endOffsets } from '../infra/clients/kafka.ts';
import { migrate } from '../infra/migrate.ts';
import { sql } from '../infra/sql.ts';
import { freePort } from '../infra/supervisor/ports.ts';
import { writeTraffic } from '../infra/traffic/traffic.ts';
import { prepareState } from '../serving/indexer/consume.ts';
import { fullSpeed, steady } from './api/load.ts';
import { ADS, type Indexed, indexMinutes } from './api/minutes.ts';
import { sum } from './arithmetic.ts';
import { even } from './clicks.ts';
import { adName } from './minutes.ts';
import { hasCommitted } from './path.ts';
import type { Site } from './site.ts';
import type { Benchmark, Round } from './types.ts';
import { until } from './until.ts';
import { meter } from './usage.ts';

const PEER = fileURLToPath(new URL('./api/peer.ts', import.meta.url));
const MINUTES_SQL = sql('clickhouse/bench/api_minutes.sql');
const [CONNECTIONS, SECONDS] = [32, 4];
/** Of even pace: of so many answers the slowest of a hundred are more than one or two. */
const STEADY_SECONDS = 8;
/** Dropped of what is measured next, on both sides alike. */
const LEAD_IN_SECONDS = 2;
/** Until the roles that clicks come through have compiled what they do. */
const CLICKS_LEAD_IN_SECONDS = 4;
/** Until what compiles as it runs has compiled what is asked. */
const WARM_UP_SECONDS = 10;
const RATE = 200;
const POPULAR_RATE = 20;
const STEADY = { rate: RATE, leadIn: LEAD_IN_SECONDS, seconds: STEADY_SECONDS };
const CLICKS_PER_SECOND = 5_000;
const PATHS = 500;

/** What a dashboard asks, beside the least that could answer it. */
export const api: Benchmark = {
  name: 'api',
  about: 'aggregated_count and popular_ads over 1 M indexed ad-minutes, on loopback',
  sides: {
    ours: 'the API: checked, planned, with a receipt',
    peer: 'a bare Express handler that asks Elasticsearch for one term and range sum, by the same client',
  },
  engines: ['kafka', 'clickhouse', 'elasticsearch'],
  rows: 1_000_000,
  async prepare(site, { rows, report }) {
    const indexed = await fill(site, rows);
    report(`${rows} ad-minutes indexed`);
    const [apiPort, peerPort] = [await freePort(), await freePort()];
    // What limits others is not to be measured.
    const settings = { API_PORT: String(apiPort), API_RATE_LIMIT: '10000000' };
    const role = await site.startRole('api', site.newFolder(), settings);
    const peer = site.startProgram('peer', PEER, [site.urls.elasticsearch, String(peerPort)]);
    await peer.says('listening');
    const [ours, theirs] = [`http://127.0.0.1:${apiPort}`, `http://127.0.0.1:${peerPort}`];
    await check(ours, theirs, indexed);
    await site.emptyTopics();
    await site.startRole('ingest', site.folder);
    await site.startRole('realtime', site.folder);
    const direct = paths(indexed, (ad, from, to) => `/direct/${indexed.index}/${ad}?from=${from}&to=${to}`);
    const counts = paths(indexed, countPath);
    for (const [origin, asked] of [[ours, counts] as const, [theirs, direct] as const]) {
      await fullSpeed(origin, { paths: asked, connections: CONNECTIONS, seconds: WARM_UP_SECONDS });
    }
    return {
      ours: () => roundOfOurs(site, ours, counts, indexed, { api: role.pid, ...site.engines }),
      peer: () => roundOfPeer(theirs, direct, { peer: peer.pid, ...site.engines }),
    };
  },
  targets: ({ ours, peer, ratio }) => {
    const [mine, theirs] = [(name: string) => ours.facts[name] ?? Number.NaN, (name: string) => peer.facts[name] ?? 0];
    return [
      { what: 'requests/s, ours ÷ peer', value: ratio, atLeast: 0.8 },
      { what: `closed minutes at ${RATE}/s, p99 ms`, value: mine('closed minutes, p99 ms'), atMost: 25 },
      {
        what: 'the same ÷ direct',
        value: mine('closed minutes, p99 ms') / theirs('closed minutes, p99 ms'),
        atMost: 2,
      },
      { what: 'open minutes while clicks come, p99 ms', value: mine('open minutes, p99 ms'), atMost: 100 },
      { what: 'popular ads, p99 ms', value: mine('popular ads, p99 ms'), atMost: 30 },
    ];
  },
};

async function fill(site: Site, rows: number): Promise<Indexed> {
  const elasticsearch = createElasticsearch(site.urls.elasticsearch);
  const nothing = { execute: async () => undefined };
  await migrate(
    { clickhouse: site.clickhouse, hive: nothing, elasticsearch, archiveDir: site.folder },
    () => undefined,
  );
  await site.emptyTopics();
  await prepareState(elasticsearch, STATE_INDEX, site.queue);
  const startMs = dayStartMs(dayOf(Date.now() - DAY_MS));
  const indexed = await indexMinutes(elasticsearch, startMs, rows);
  await elasticsearch.close();
  for (const table of ['minutes_by_ad', 'minutes_by_minute']) {
    const query_params = { table, ads: ADS, start_s: startMs / 1_000, rows };
    await site.clickhouse.command({ query: MINUTES_SQL, query_params });
  }
  return indexed;
}

const countPath = (ad: string, from: number, to: number): string =>
  `/v1/ads/${ad}/aggregated_count?from=${from}&to=${to}`;

/** Hours of ads all over the day. */
function paths({ fromMs, toMs }: Indexed, path: (ad: string, from: number, to: number) => string): string[] {
  const hours = Math.max(1, Math.floor((toMs - fromMs) / HOUR_MS));
  return Array.from({ length: PATHS }, (_, i) => {
    const from = fromMs + (i % hours) * HOUR_MS;
    return path(adName((i * 37) % ADS), from, Math.min(toMs, from + HOUR_MS));
  });
}

/** Both sides must say the same, and the truth. */
async function check(ours: string, theirs: string, { index, fromMs, clicksOf }: Indexed): Promise<void> {
  const [from, to] = [fromMs + MINUTE_MS, fromMs + 31 * MINUTE_MS];
  for (const ad of [0, 1, 999]) {
    const urls = [
      `${ours}${countPath(adName(ad), from, to)}`,
      `${theirs}/direct/${index}/${adName(ad)}?from=${from}&to=${to}`,
    ];
    for (const url of urls) {
      const { count } = (await (await fetch(url)).json()) as { count: number };
      if (count !== clicksOf(ad, from, to)) throw new Error(`${url}: ${count}, not ${clicksOf(ad, from, to)}`);
    }
  }
}

async function roundOfOurs(
  site: Site,
  origin: string,
  counts: string[],
  { toMs }: Indexed,
  pids: Record<string, number>,
): Promise<Round> {
  const closed = await steady(origin, { ...STEADY, paths: counts });
  const at = toMs - 10 * MINUTE_MS;
  const windows = [1, 5, 15, 60].map((window) => `/v1/ads/popular_ads?window=${window}&at=${at}`);
  const popular = await steady(origin, { ...STEADY, paths: windows, rate: POPULAR_RATE });
  const used = meter(pids);
  const full = await fullSpeed(origin, { paths: counts, connections: CONNECTIONS, seconds: SECONDS });
  const phase = { name: 'full speed', rows: full.answers, ...used() };
  const ads = Array.from({ length: 50 }, (_, i) => `/v1/ads/ad${String(i + 1).padStart(3, '0')}/aggregated_count`);
  const open = await whileClicksCome(site, () =>
    steady(origin, { ...STEADY, paths: ads, leadIn: CLICKS_LEAD_IN_SECONDS }),
  );
  return {
    phases: [phase],
    facts: {
      'closed minutes, p50 ms': closed.p50,
      'closed minutes, p99 ms': closed.p99,
      'popular ads, p50 ms': popular.p50,
      'popular ads, p99 ms': popular.p99,
      'open minutes, p50 ms': open.p50,
      'open minutes, p99 ms': open.p99,
    },
  };
}

async function whileClicksCome<T>(site: Site, work: () => Promise<T>): Promise<T> {
  const ending = new AbortController();
  const file = join(site.folder, 'logs', 'clicks.log');
  const sample = { ...even(500), seed: 1, eventIdShare: 0.5 };
  const options = { file, rate: CLICKS_PER_SECOND, seconds: Number.POSITIVE_INFINITY, signal: ending.signal };
  const before = sum((await endOffsets(site.admin, TOPICS.clicks)).values());
  const writing = writeTraffic({ ...options, ...sample });
  try {
    return await work();
  } finally {
    ending.abort();
    const { lines } = await writing;
    // What is left of them would be counted while something else is measured.
    await until('every line is counted', () => hasCommitted(site, GROUPS.sink, before + lines));
  }
}

async function roundOfPeer(origin: string, direct: string[], pids: Record<string, number>): Promise<Round> {
  const closed = await steady(origin, { ...STEADY, paths: direct });
  const used = meter(pids);
  const full = await fullSpeed(origin, { paths: direct, connections: CONNECTIONS, seconds: SECONDS });
  const phase = { name: 'full speed', rows: full.answers, ...used() };
  const nothing = await fullSpeed(origin, { paths: ['/nothing'], connections: CONNECTIONS, seconds: SECONDS });
  return {
    phases: [phase],
    facts: {
      'closed minutes, p50 ms': closed.p50,
      'closed minutes, p99 ms': closed.p99,
      'empty handler, requests/s': nothing.answers / nothing.seconds,
    },
  };
}
