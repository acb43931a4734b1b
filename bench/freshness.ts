import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { GROUPS } from '../domain/names.ts';
import { freePort } from '../infra/supervisor/ports.ts';
import { writeTraffic } from '../infra/traffic/traffic.ts';
import { median } from './arithmetic.ts';
import { prepareDays, rebuild } from './batch/rebuild.ts';
import { hasCommitted } from './path.ts';
import type { Site } from './site.ts';
import type { Benchmark, Round } from './types.ts';
import { until } from './until.ts';
import { meter } from './usage.ts';

const LINES_PER_SECOND = 500;
const USUAL_MS = 20_000;
const LOOK_MS = 100;
const MEDIAN = 'freshness, median s';

/** Nights must not hold up the present. */
export const batchFreshness: Benchmark = {
  name: 'batch-freshness',
  about: 'how fresh real time is while a day is counted anew and published, beside its usual',
  sides: {
    ours: `${LINES_PER_SECOND} clicks/s of the present, beside "clickledger rebuild" of a whole day`,
    peer: 'the same clicks without a rebuild',
  },
  engines: ['kafka', 'clickhouse', 'elasticsearch', 'hive'],
  rows: 2_500_000,
  async prepare(site, rows) {
    const [day] = await prepareDays(site, [rows]);
    const port = String(await freePort());
    for (const role of ['ingest', 'realtime', 'publisher', 'archive'] as const) await site.startRole(role, site.folder);
    await site.startRole('api', site.folder, { API_PORT: port });
    const live = new Live(site, `http://127.0.0.1:${port}/v1/status`);
    return {
      ours: () => live.during(() => rebuild(site, day)),
      peer: () => live.during(() => delay(USUAL_MS)),
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

/** Clicks of the present, and what the API says of how fresh it is with them. */
class Live {
  readonly #site: Site;
  readonly #url: string;
  #written = 0;

  constructor(site: Site, statusUrl: string) {
    this.#site = site;
    this.#url = statusUrl;
  }

  async during(work: () => Promise<unknown>): Promise<Round> {
    const over = new AbortController();
    const log = join(this.#site.folder, 'logs', 'live.log');
    const sample = { file: log, rate: LINES_PER_SECOND, ads: 1_000, seed: this.#written };
    const writing = writeTraffic({ ...sample, seconds: Number.POSITIVE_INFINITY, signal: over.signal });
    const used = meter(this.#site.engines);
    const looking = this.#look(over.signal);
    await work().finally(() => over.abort());
    const metered = used();
    const [{ lines }, seen] = await Promise.all([writing, looking]);
    this.#written += lines;
    await until('every line is counted', () => hasCommitted(this.#site, GROUPS.sink, this.#written));
    const sorted = seen.toSorted((a, b) => a - b);
    return {
      phases: [{ name: 'live', rows: lines, ...metered }],
      facts: {
        [MEDIAN]: median(sorted),
        'freshness, 95 of 100 times within s': sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN,
        'freshness, worst s': sorted.at(-1) ?? Number.NaN,
      },
    };
  }

  async #look(signal: AbortSignal): Promise<number[]> {
    const seen: number[] = [];
    while (!signal.aborted) {
      const { freshness_seconds } = (await (await fetch(this.#url)).json()) as { freshness_seconds: number | null };
      if (freshness_seconds !== null) seen.push(freshness_seconds);
      await delay(LOOK_MS);
    }
    return seen;
  }
}
