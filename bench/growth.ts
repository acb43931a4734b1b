import { stateIndexOf } from '../domain/names.ts';
import { monthNumber } from '../domain/retention.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, minuteOf } from '../domain/time.ts';
import { createElasticsearch } from '../infra/clients/elasticsearch.ts';
import { putTemplates } from '../infra/migrate.ts';
import { freePort } from '../infra/supervisor/ports.ts';
import { prepareState } from '../serving/indexer/consume.ts';
import type { Range } from '../serving/planner/ranges.ts';
import { oneByOne } from './api/load.ts';
import { sum } from './arithmetic.ts';
import { Further } from './further.ts';
import { countTopic, mergeTables, TABLES } from './path.ts';
import type { BenchSite } from './site.ts';
import { fillSpan } from './span.ts';
import type { Benchmark, BenchTarget, Phase } from './types.ts';

/** With the first of the parts there are ten times the clicks of the hour, with both a hundred times. */
const PARTS = [
  { topic: 'tens', times: 9, daysAgo: 75 },
  { topic: 'hundreds', times: 90, daysAgo: 42 },
] as const;
/** Clicks per day of the parts, in multiples of the hour's. */
const TIMES_A_DAY = 50;
/** Clicks that the sink counts in a round. */
const MESSAGES = 300_000;
const QUESTIONS = 300;
const ONE_AD = 'clicks of an ad in an hour, median ms';
const TOP = 'top 100 of an hour, median ms';
const SPEED = 'sink, rows/s';
const CPU = 'sink, CPU-s per million';
const atTen = (fact: string): string => `ten times: ${fact}`;

/** Clicks of past days must not make today's more expensive, neither to count nor to query. */
export const growth: Benchmark = {
  name: 'growth',
  about:
    'counting and asking today beside 100 times the clicks of an hour, 10 times, and beside those of the hour alone',
  sides: { ours: '100 times the clicks are there (before that ten times)', peer: 'only those of an hour' },
  engines: ['kafka', 'clickhouse', 'elasticsearch'],
  rows: 1_000_000,
  takesAds: true,
  async prepare(site, { rows, ads, report }) {
    await site.emptyTables();
    await site.emptyTopics();
    const endMs = minuteOf(Date.now());
    const hour = { fromMs: endMs - HOUR_MS, toMs: endMs };
    await fillSpan(site, hour, { topic: 'hour', partitions: 1, offsets: rows, rows, ads });
    const months: number[][] = [];
    for (const { topic, times, daysAgo } of PARTS) {
      // Detached and attached by month, so no month may be shared.
      const fromMs = endMs - daysAgo * DAY_MS;
      const span = { fromMs, toMs: fromMs + (times / TIMES_A_DAY) * DAY_MS };
      await fillSpan(site, span, { topic, partitions: 1, offsets: times * rows, rows: times * rows, ads });
      months.push([...new Set([monthNumber(span.fromMs), monthNumber(span.toMs - 1)])]);
      report(`${times * rows} further clicks are there`);
    }
    await mergeTables(site);
    const origin = await startApi(site);
    const further = await Further.start(site, ads);
    const measure = async (parts: number): Promise<{ phase: Phase; facts: Record<string, number> }> => {
      for (const [part, own] of months.entries()) await put(site, part < parts ? 'ATTACH' : 'DETACH', own);
      await further.write(MESSAGES);
      await further.send();
      const phase = { ...(await countTopic(site, site.newFolder(), further.messages)), rows: MESSAGES };
      return { phase, facts: await ask(origin, hour, ads) };
    };
    return {
      ours: async () => {
        const ten = await measure(1);
        const { phase, facts } = await measure(2);
        const named = Object.entries({ ...costs(ten.phase), ...ten.facts }).map(([fact, value]) => [
          atTen(fact),
          value,
        ]);
        return { phases: [phase], facts: { ...facts, ...Object.fromEntries(named) } };
      },
      peer: async () => {
        const { phase, facts } = await measure(0);
        return { phases: [phase], facts };
      },
    };
  },
  targets: ({ ours, peer, ratios }) => {
    const hour: Record<string, number> = {
      ...peer.facts,
      [SPEED]: peer.rows_per_second,
      [CPU]: peer.cpu_seconds_per_million,
    };
    const ten = (fact: string): number => (ours.facts[atTen(fact)] ?? Number.NaN) / (hour[fact] ?? Number.NaN);
    const hundred = (fact: string): number => (ours.facts[fact] ?? Number.NaN) / (hour[fact] ?? Number.NaN);
    const both = (what: string, values: [number, number], atMost: number): BenchTarget[] => [
      { what: atTen(what), value: values[0], atMost },
      { what, value: values[1], atMost },
    ];
    return [
      ...both('CPU-seconds of a click counted', [ten(CPU), ratios.sink?.cpu_seconds ?? Number.NaN], 1.2),
      ...both('time of a click counted', [1 / ten(SPEED), 1 / (ratios.sink?.rows_per_second ?? Number.NaN)], 1.2),
      ...both(ONE_AD, [ten(ONE_AD), hundred(ONE_AD)], 2),
      ...both(TOP, [ten(TOP), hundred(TOP)], 2),
    ];
  },
};

async function put({ clickhouse }: BenchSite, command: 'ATTACH' | 'DETACH', months: number[]): Promise<void> {
  for (const table of TABLES) {
    for (const month of months) {
      await clickhouse.command({ query: `ALTER TABLE ads.${table} ${command} PARTITION ${month}` });
    }
  }
}

const costs = ({ rows, seconds, processes }: Phase): Record<string, number> => ({
  [SPEED]: rows / seconds,
  [CPU]: (sum(Object.values(processes).map(({ cpuSeconds }) => cpuSeconds)) / rows) * 1e6,
});

async function startApi(site: BenchSite): Promise<string> {
  const elasticsearch = createElasticsearch(site.urls.elasticsearch);
  await putTemplates(elasticsearch);
  await prepareState(elasticsearch, { event: 'click', stateIndex: stateIndexOf('click') }, site.queue);
  await elasticsearch.close();
  const port = String(await freePort());
  await site.startRole('api', site.newFolder(), { API_PORT: port });
  return `http://127.0.0.1:${port}`;
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
