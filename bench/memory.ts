import { setTimeout as delay } from 'node:timers/promises';
import { migrateAll } from '../infra/schema.ts';
import { ALL_ROLES, Live } from './live.ts';
import type { Benchmark, Round } from './types.ts';

const RATE = 10_000;
const LARGEST = 'peak of the largest role, MB';
const GROWTH = 'the role that has grown most, ÷ its first peak';
const MB = 1024 * 1024;

/** What a role needs must not depend on how long it has run. With the warm-up all rounds together are ten minutes. */
export const memory: Benchmark = {
  name: 'memory',
  about: `resident memory of every role over ten minutes of ${RATE} clicks/s`,
  sides: { ours: `${RATE} clicks/s`, peer: 'the same, right before or after' },
  engines: ['kafka', 'clickhouse', 'elasticsearch', 'hive'],
  rows: 75 * RATE,
  takesAds: true,
  async prepare(site, { rows, ads }) {
    await migrateAll(site.config, () => {});
    const live = await Live.start(site, ALL_ROLES);
    const first = new Map<string, number>();
    const round = async (): Promise<Round> => {
      const measured = await live.during({ rate: RATE, ads }, () => delay((rows / RATE) * 1_000));
      const [phase] = measured.phases;
      const peaks = ALL_ROLES.map((role) => [role, phase?.processes[role]?.peakBytes ?? Number.NaN] as const);
      if (first.size < ALL_ROLES.length) for (const [role, peak] of peaks) first.set(role, peak);
      const growth = peaks.map(([role, peak]) => peak / (first.get(role) ?? Number.NaN));
      const largest = Math.max(...peaks.map(([, peak]) => peak)) / MB;
      return { ...measured, facts: { [LARGEST]: largest, [GROWTH]: Math.max(...growth) } };
    };
    return { ours: round, peer: round };
  },
  targets: ({ ours }) => [
    { what: LARGEST, value: ours.facts[LARGEST] ?? Number.NaN, atMost: 400 },
    { what: GROWTH, value: ours.facts[GROWTH] ?? Number.NaN, atMost: 1.1 },
  ],
};
