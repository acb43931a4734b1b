import { setTimeout as delay } from 'node:timers/promises';
import { migrateAll } from '../infra/schema.ts';
import { ALL_ROLES, CATCH_UP, Live, P99 } from './live.ts';
import type { Benchmark } from './types.ts';

/** From a line in a log to the API's count, with everything running that a night and a dashboard need. */
const pipelineAt = (name: string, rate: number, limits: { freshness: number; catchUp: number }): Benchmark => ({
  name,
  about: `log line → counted by the API: all roles and engines, ${rate} clicks/s of 2,000 ads, a minute a round`,
  sides: { ours: `${rate} clicks/s`, peer: 'a tenth of that' },
  engines: ['kafka', 'clickhouse', 'elasticsearch', 'hive'],
  rows: 60 * rate,
  async prepare(site, rows) {
    await migrateAll(site.config, () => {});
    const live = await Live.start(site, ALL_ROLES);
    const roundMs = (rows / rate) * 1_000;
    return {
      ours: () => live.during({ rate, ads: 2_000 }, () => delay(roundMs)),
      peer: () => live.during({ rate: rate / 10, ads: 2_000 }, () => delay(roundMs)),
    };
  },
  targets: ({ ours }) => [
    { what: 'clicks/s', value: ours.rows_per_second, atLeast: 0.99 * rate },
    { what: 'freshness, p99 s', value: ours.facts[P99] ?? Number.NaN, atMost: limits.freshness },
    { what: 'caught up after s', value: ours.facts[CATCH_UP] ?? Number.NaN, atMost: limits.catchUp },
  ],
});

export const pipelineUsual = pipelineAt('pipeline-usual', 10_000, { freshness: 5, catchUp: 10 });
export const pipeline = pipelineAt('pipeline', 30_000, { freshness: 10, catchUp: 10 });
export const pipelinePeak = pipelineAt('pipeline-peak', 50_000, { freshness: 60, catchUp: 60 });
