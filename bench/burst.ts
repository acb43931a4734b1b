import { setTimeout as delay } from 'node:timers/promises';
import { ALL_ROLES, BESIDE_P99, BESIDE_PER_SECOND, CATCH_UP, LivePlatform, P99 } from './live.ts';
import type { Benchmark } from './types.ts';

const CLICKS = { rate: 500, ads: 1_000 };
const BURST = { kind: 'impression' as const, rate: 30_000, ads: 1_000 };
const MINUTES = 2;
/** A freshly started engine warms up with the burst: one minute is closed in it. */
const WARM_UP_MS = 60_000;

/** Clicks must not wait for other kinds, however many of these come. */
export const burst: Benchmark = {
  name: 'burst',
  about: `how fresh ${CLICKS.rate} clicks/s are beside a burst of ${BURST.rate} impressions/s, and without it: all roles, ${MINUTES} min each`,
  sides: {
    ours: `${CLICKS.rate} clicks/s beside ${BURST.rate} impressions/s`,
    peer: 'the same clicks alone, both kinds run',
  },
  engines: ['kafka', 'clickhouse', 'elasticsearch', 'hive'],
  eventKinds: ['click', 'impression'],
  rows: 60 * MINUTES * CLICKS.rate,
  once: true,
  async prepare(site, { rows, report }) {
    await site.migrate();
    const live = await LivePlatform.start(site, ALL_ROLES);
    const roundMs = (rows / CLICKS.rate) * 1_000;
    await live.during(CLICKS, () => delay(Math.min(WARM_UP_MS, roundMs)), BURST);
    report('warmed up, with the burst');
    return {
      ours: () => live.during(CLICKS, () => delay(roundMs), BURST),
      peer: () => live.during(CLICKS, () => delay(roundMs)),
    };
  },
  targets: ({ ours, peer }) => [
    { what: 'impressions/s', value: ours.facts[BESIDE_PER_SECOND] ?? Number.NaN, atLeast: 0.99 * BURST.rate },
    { what: 'freshness of clicks, p99 s', value: ours.facts[P99] ?? Number.NaN, atMost: 10 },
    {
      what: 'the same ÷ without the burst',
      value: (ours.facts[P99] ?? Number.NaN) / (peer.facts[P99] ?? Number.NaN),
      atMost: 2,
    },
    { what: 'freshness of impressions, p99 s', value: ours.facts[BESIDE_P99] ?? Number.NaN, atMost: 30 },
    { what: 'caught up after s', value: ours.facts[CATCH_UP] ?? Number.NaN, atMost: 30 },
  ],
};
