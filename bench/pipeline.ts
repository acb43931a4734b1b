import { setTimeout as delay } from 'node:timers/promises';
import { MINUTE_MS } from '../domain/time.ts';
import { even, type Mix } from './clicks.ts';
import { ALL_ROLES, CATCH_UP, LivePlatform, P99 } from './live.ts';
import type { Benchmark, Round } from './types.ts';

/** Warm-up of a freshly started engine at the full rate: two minutes are closed in it. */
const WARM_UP_MS = 120_000;

/** From a line in a log to the API's count, with everything running that nightly runs and dashboards need. */
const pipelineAt = (
  name: string,
  { rate, minutes }: { rate: number; minutes: number },
  limits: { freshness: number; catchUp: number },
): Benchmark => ({
  name,
  about: `log line → counted by the API: all roles and engines, ${rate} clicks/s for ${minutes} min`,
  sides: { ours: `${rate} clicks/s`, peer: 'a tenth of that, for a minute' },
  engines: ['kafka', 'clickhouse', 'elasticsearch', 'hive'],
  rows: 60 * minutes * rate,
  once: minutes > 1,
  takesAds: true,
  async prepare(site, { rows, ads, report }) {
    await site.migrate();
    const live = await LivePlatform.start(site, ALL_ROLES);
    const roundMs = (rows / rate) * 1_000;
    if (minutes > 1) {
      await live.during({ rate, ads }, () => delay(WARM_UP_MS));
      report(`warmed up with ${rate} clicks/s`);
    }
    return {
      ours: () => live.during({ rate, ads }, () => delay(roundMs)),
      peer: () => live.during({ rate: rate / 10, ads }, () => delay(roundMs / minutes)),
    };
  },
  targets: ({ ours }) => [
    { what: 'clicks/s', value: ours.rows_per_second, atLeast: 0.99 * rate },
    { what: 'freshness, p99 s', value: ours.facts[P99] ?? Number.NaN, atMost: limits.freshness },
    { what: 'caught up after s', value: ours.facts[CATCH_UP] ?? Number.NaN, atMost: limits.catchUp },
  ],
});

export const pipelineUsual = pipelineAt('pipeline-usual', { rate: 10_000, minutes: 1 }, { freshness: 5, catchUp: 10 });
export const pipeline = pipelineAt('pipeline', { rate: 30_000, minutes: 5 }, { freshness: 10, catchUp: 10 });
export const pipelinePeak = pipelineAt('pipeline-peak', { rate: 50_000, minutes: 1 }, { freshness: 60, catchUp: 60 });

/** Step between tried rates, in clicks per second. */
const STEP = 5_000;
/**
 * Each rate ends shortly before the end of a minute, so that a minute written at this rate is closed and indexed by
 * then.
 */
const BEFORE_END_MS = 2_000;
/** Without a growing lag, everything is counted and fresh this soon after the last line. */
const FLAT_S = 5;

/** The highest sustainable rate of the machine, if nearly every click is its own group. */
export const pipelineLimit: Benchmark = {
  name: 'pipeline-limit',
  about: `the highest rate that stays flat, in steps of ${STEP} clicks/s: all counted and fresh within ${FLAT_S} s of the last line`,
  sides: {
    ours: '100,000 ads that share the clicks evenly',
    peer: '2,000 ads, the n-th clicked 1/n as often as the first',
  },
  engines: ['kafka', 'clickhouse', 'elasticsearch', 'hive'],
  rows: 120 * STEP,
  once: true,
  async prepare(site, { rows, report }) {
    await site.migrate();
    const live = await LivePlatform.start(site, ALL_ROLES);
    await live.during({ rate: 20_000, ads: 2_000 }, () => delay(WARM_UP_MS));
    report('warmed up');
    const leastMs = (rows / STEP) * 1_000 - BEFORE_END_MS;
    const climb = (mix: Mix, start: number) => () => highestFlat(live, { mix, start, leastMs, report });
    return { ours: climb(even(100_000), 20_000), peer: climb({ ads: 2_000 }, 35_000) };
  },
  targets: () => [],
};

interface Climb {
  mix: Mix;
  /** Initial clicks per second. */
  start: number;
  /** Minimum duration of each rate. */
  leastMs: number;
  report(line: string): void;
}

/** Increases the rate while it is sustained; or decreases it until it is. */
async function highestFlat(live: LivePlatform, { mix, start, leastMs, report }: Climb): Promise<Round> {
  let highest: Round | null = null;
  let step = STEP;
  for (let rate = start; rate > 0; rate += step) {
    const toEndMs = MINUTE_MS - ((Date.now() + leastMs + BEFORE_END_MS) % MINUTE_MS);
    const round = await live.during({ rate, ...mix }, () => delay(leastMs + toEndMs));
    const [phase] = round.phases;
    const written = (phase?.rows ?? 0) / (phase?.seconds ?? 1);
    const catchUp = round.facts[CATCH_UP] ?? Number.NaN;
    const isFlat = written >= 0.99 * rate && catchUp <= FLAT_S;
    report(
      `${mix.ads} ads, ${Math.round(written)} clicks/s: counted and fresh ${catchUp.toFixed(1)} s after the last line`,
    );
    if (isFlat) highest = round;
    else step = -STEP;
    if (highest !== null && step < 0) return highest;
  }
  throw new Error(`no rate stayed flat with ${mix.ads} ads`);
}
