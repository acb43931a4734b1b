import { join } from 'node:path';
import { skew } from './arithmetic.ts';
import { clicksByAdPartition, even, type Mix, withHotAd, writeLog } from './clicks.ts';
import { emptyTopic, fillTopic, messagesPerPartition } from './path.ts';
import { type BenchSite, PARTITIONS } from './site.ts';
import type { Benchmark, Round } from './types.ts';

const ADS = 2_000;
const HOT_SHARE = 0.5;

/** One ad with half of all clicks must neither fill one partition nor slow down stages that work by partition. */
export const hotAds: Benchmark = {
  name: 'hot-ads',
  about: 'log files → Kafka → ClickHouse, one ad having half of all clicks, beside clicks spread evenly over all ads',
  sides: {
    ours: `one ad has half of the clicks, ${ADS - 1} ads share the rest`,
    peer: `${ADS} ads share the clicks evenly`,
  },
  engines: ['kafka', 'clickhouse'],
  rows: 400_000,
  prepare: async (site, { rows }) => ({
    ours: await roundsOf(site, 'hot', rows, withHotAd(HOT_SHARE, ADS)),
    peer: await roundsOf(site, 'even', rows, even(ADS)),
  }),
  targets: ({ ours, ratios }) => [
    { what: 'ingest, with ÷ without the hot ad', value: ratios.ingest?.rows_per_second ?? Number.NaN, atLeast: 0.95 },
    { what: 'sink, with ÷ without the hot ad', value: ratios.sink?.rows_per_second ?? Number.NaN, atLeast: 0.95 },
    {
      what: 'fullest partition over the mean, %',
      value: ours.facts['partition skew, %'] ?? Number.NaN,
      atMost: 5,
    },
  ],
};

async function roundsOf(site: BenchSite, name: string, rows: number, mix: Mix): Promise<() => Promise<Round>> {
  const log = join(site.folder, 'lines', name, 'clicks.log');
  await writeLog(log, rows, mix);
  const byAd = skew(await clicksByAdPartition(log, PARTITIONS));
  return async () => {
    await site.emptyTopics();
    await site.emptyTables();
    const dataDir = site.newFolder();
    const ingest = await fillTopic(site, dataDir, log, rows);
    const byEvent = skew(await messagesPerPartition(site));
    const sink = await emptyTopic(site, dataDir, rows);
    return {
      phases: [ingest, sink],
      facts: { 'partition skew, %': byEvent * 100, 'the same if partitioned by ad_id, %': byAd * 100 },
    };
  };
}
