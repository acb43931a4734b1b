import { setTimeout as delay } from 'node:timers/promises';
import { prepareDays, rebuild } from './batch/rebuild.ts';
import { LivePlatform, MEDIAN } from './live.ts';
import type { Benchmark } from './types.ts';

const CLICKS = { rate: 500, ads: 1_000 };
const USUAL_MS = 20_000;

/** Nightly runs must not delay real time. */
export const batchFreshness: Benchmark = {
  name: 'batch-freshness',
  about: 'how fresh real time is while a day is counted anew and published, beside its usual',
  sides: {
    ours: `${CLICKS.rate} clicks/s of the present, beside "clickledger rebuild" of a whole day`,
    peer: 'the same clicks without a rebuild',
  },
  engines: ['kafka', 'clickhouse', 'elasticsearch', 'hive'],
  rows: 2_500_000,
  async prepare(site, { rows }) {
    const [day] = await prepareDays(site, [rows]);
    const live = await LivePlatform.start(site, ['ingest', 'realtime', 'publisher', 'archive', 'api']);
    return {
      ours: () => live.during(CLICKS, () => rebuild(site, day)),
      peer: () => live.during(CLICKS, () => delay(USUAL_MS)),
    };
  },
  targets: ({ ours, peer }) => [
    {
      what: 'median freshness during a rebuild ÷ usual',
      value: (ours.facts[MEDIAN] ?? Number.NaN) / (peer.facts[MEDIAN] ?? Number.NaN),
      atMost: 2,
    },
  ],
};
