import { setTimeout as delay } from 'node:timers/promises';
import { migrateAll } from '../infra/schema.ts';
import { ALL_ROLES, LivePlatform } from './live.ts';
import type { Benchmark, Comparison } from './types.ts';

const RATE = 10_000;
const MINUTES = 5;
/** In stretches: the archive's first files come after five minutes, which is within the warm-up. */
const WARM_UP = 0.7;
/** Also in stretches: full at the end of the warm-up, since a click may be remembered an eighth longer. */
const DEDUPE_WINDOW = 0.6;

/**
 * A role's memory must not depend on how long it has run, once all bounded caches are full. Two consecutive stretches,
 * in each of which the archive writes one file of each partition.
 */
export const memory: Benchmark = {
  name: 'memory',
  about: `resident memory of every role over ten minutes of ${RATE} clicks/s, once the sink's memory of ${MINUTES * DEDUPE_WINDOW} minutes is full`,
  sides: { ours: `the later ${MINUTES} minutes`, peer: `the ${MINUTES} minutes before` },
  engines: ['kafka', 'clickhouse', 'elasticsearch', 'hive'],
  rows: 60 * MINUTES * RATE,
  once: true,
  takesAds: true,
  async prepare(site, { rows, ads, report }) {
    await migrateAll(site.config, () => {});
    const seconds = rows / RATE;
    const live = await LivePlatform.start(site, ALL_ROLES, { DEDUPE_WINDOW: `${seconds * DEDUPE_WINDOW}s` });
    const during = (share: number) => live.during({ rate: RATE, ads }, () => delay(share * seconds * 1_000));
    await during(WARM_UP);
    report('the memory of the sink is full');
    // The peer is measured first.
    return { ours: () => during(1), peer: () => during(1) };
  },
  targets: (comparison) => {
    const [largest] = ALL_ROLES.flatMap((role) => peaks(comparison, role)).sort((a, b) => b - a);
    const growth = ALL_ROLES.map((role) => {
      const [earlier, later] = peaks(comparison, role);
      return { role, growth: later / earlier };
    });
    const [most] = growth.sort((a, b) => b.growth - a.growth);
    return [
      { what: 'peak of the largest role, MB', value: largest ?? Number.NaN, atMost: 400 },
      {
        what: `the role that has grown most (${most?.role}), ÷ its peak before`,
        value: most?.growth ?? Number.NaN,
        atMost: 1.1,
      },
    ];
  },
};

const peaks = ({ ours, peer }: Comparison, role: string): [earlier: number, later: number] => [
  peer.phases.live?.processes[role]?.peak_rss_mb ?? Number.NaN,
  ours.phases.live?.processes[role]?.peak_rss_mb ?? Number.NaN,
];
