import { join } from 'node:path';
import { type ArchivedDay, type Digest, digestOf } from './batch/day.ts';
import { DuckDb } from './batch/duckdb.ts';
import { prepareDays, preview, rebuild } from './batch/rebuild.ts';
import { Spark } from './batch/spark.ts';
import type { Benchmark, Round } from './types.ts';
import { meter } from './usage.ts';

const MB = 1024 * 1024;
/** Nothing that counts these clicks on this machine is likely to be much faster. */
const DUCKDB = 'DuckDB, both cores, a process of its own: the ceiling';

/** A day recounted and published, beside Spark and DuckDB counting the same file. */
export const batch: Benchmark = {
  name: 'batch',
  about: 'a day of clicks, one in a hundred a copy, counted by Hive and published, beside Spark SQL over the same file',
  sides: {
    ours: '"clickledger rebuild", Hive with one task in 2 GB: inputs checked against their hashes, counted, conflicts looked for; then published',
    peer: 'Spark SQL on all cores in 4 GB, set up for one machine, without a native engine: the same grouping, nothing checked',
  },
  engines: ['kafka', 'clickhouse', 'elasticsearch', 'hive'],
  rows: 2_500_000,
  async prepare(site, { rows, report }) {
    const [day] = await prepareDays(site, [rows]);
    const spark = await Spark.start(site, report);
    const duckDb = await DuckDb.start(site);
    let counted: Digest | undefined;
    const same = async (who: string, files: string[]): Promise<void> => {
      const digest = await digestOf(files);
      counted ??= digest;
      if (JSON.stringify(digest) !== JSON.stringify(counted)) {
        throw new Error(`${who} counted ${JSON.stringify(digest)}, another one ${JSON.stringify(counted)}`);
      }
    };
    return {
      ours: async () => {
        const { count, publish, files } = await rebuild(site, day);
        await same('Hive', files);
        const { minutes } = await digestOf(files);
        return {
          phases: [{ name: 'count', rows, ...count }],
          facts: {
            'then loaded, sent, indexed, published: minutes/s': minutes / publish.seconds,
            'peak of the rebuild while it publishes, MB': (publish.processes.rebuild?.peakBytes ?? 0) / MB,
          },
        };
      },
      peer: async () => {
        const folder = site.newFolder();
        const used = meter({ spark: spark.process.pid });
        const files = await spark.count(day.file, join(folder, 'spark'), rows);
        const count = used();
        await same('Spark', files);
        return { phases: [{ name: 'count', rows, ...count }], facts: {} };
      },
      others: {
        [DUCKDB]: async () => {
          const folder = site.newFolder();
          const used = meter({ duckdb: duckDb.process.pid });
          const file = await duckDb.count(day, folder);
          const count = used();
          await same('DuckDB', [file]);
          return { phases: [{ name: 'count', rows, ...count }], facts: {} };
        },
      },
    };
  },
  targets: ({ ours, ratios }) => [
    { what: 'clicks/s (10 M in 45 s)', value: ours.rows_per_second, atLeast: 10_000_000 / 45 },
    { what: 'CPU-seconds, ours ÷ Spark', value: ratios.count?.cpu_seconds ?? Number.NaN, atMost: 1.5 },
    {
      what: 'minutes published a second (1 M in 60 s)',
      value: ours.facts['then loaded, sent, indexed, published: minutes/s'] ?? Number.NaN,
      atLeast: 1_000_000 / 60,
    },
    {
      what: 'peak of the rebuild process, MB',
      value: Math.max(
        ours.phases.count?.processes.rebuild?.peak_rss_mb ?? Number.NaN,
        ours.facts['peak of the rebuild while it publishes, MB'] ?? Number.NaN,
      ),
      atMost: 300,
    },
  ],
};

/** Does a click cost more on a larger day? Only previewed: the steps after the count would take as long again. */
export const batchGrowth: Benchmark = {
  name: 'batch-growth',
  about: 'a day of clicks counted by Hive, beside one of a tenth of its size',
  sides: {
    ours: '"clickledger rebuild --preview" until it is counted',
    peer: 'the same for a day with a tenth of the clicks',
  },
  engines: ['kafka', 'clickhouse', 'elasticsearch', 'hive'],
  rows: 10_000_000,
  async prepare(site, { rows }) {
    const [large, small] = await prepareDays(site, [rows, Math.round(rows / 10)]);
    const roundOf = (day: ArchivedDay) => async (): Promise<Round> => {
      const count = await preview(site, day);
      return { phases: [{ name: 'count', rows: day.rows, ...count }], facts: {} };
    };
    return { ours: roundOf(large), peer: roundOf(small) };
  },
  targets: ({ ratio }) => [{ what: 'clicks/s, ten times the day ÷ the day', value: ratio, atLeast: 1 / 1.2 }],
};
