import { DAY_MS, dayStartMs, HOUR_MS, MINUTE_MS } from '../domain/time.ts';
import { freePort } from '../infra/supervisor/ports.ts';
import { percentiles } from './arithmetic.ts';
import type { Running } from './process.ts';
import { type PublishedDays, publishDays } from './questions/days.ts';
import type { BenchSite } from './site.ts';
import type { Benchmark, Round } from './types.ts';
import { meter } from './usage.ts';

const DAYS = 31;
const CLICKS = 1_000_000;
const MEDIAN = 'a question, median ms';
const P99 = 'a question, p99 ms';

/** The purpose of the hours index: a month must not cost as much as its minutes. */
export const questions: Benchmark = {
  name: 'questions',
  about:
    'clicks of one ad over 30 published days, any minute to any minute, beside those of one hour; one after the other',
  sides: { ours: '30 days, of a busy ad', peer: 'one hour, of the same' },
  engines: ['clickhouse', 'elasticsearch'],
  rows: 1_000,
  async prepare(site, { rows, report }) {
    const startMs = dayStartMs('2021-01-01');
    const published = { startMs, days: DAYS, clicksPerDay: Math.ceil(CLICKS / DAYS), busyAds: 20 };
    await publishDays(site, published);
    report(`${DAYS} days of ${published.clicksPerDay} clicks are published`);
    const port = String(await freePort());
    const api = await site.startRole('api', site.folder, { API_PORT: port });
    const asked = { site, api, address: `http://127.0.0.1:${port}`, questions: rows, published };
    return {
      ours: () => ask(asked, 30 * DAY_MS),
      peer: () => ask(asked, HOUR_MS),
    };
  },
  targets: ({ ours, peer }) => [
    {
      what: '30 days ÷ one hour, median time',
      value: (ours.facts[MEDIAN] ?? Number.NaN) / (peer.facts[MEDIAN] ?? Number.NaN),
      atMost: 2,
    },
  ],
};

interface Asked {
  site: BenchSite;
  api: Running;
  address: string;
  questions: number;
  published: PublishedDays;
}

async function ask({ site, api, address, questions, published }: Asked, lengthMs: number): Promise<Round> {
  const times: number[] = [];
  const minutes = (published.days * DAY_MS - lengthMs) / MINUTE_MS;
  const used = meter({ api: api.pid, ...site.engines });
  for (let n = 0; n < questions; n++) {
    // A prime coprime to the range: start times cover all minutes.
    const from = published.startMs + ((n * 7_919) % minutes) * MINUTE_MS;
    const path = `/v1/ads/busy${n % published.busyAds}/aggregated_count?from=${from}&to=${from + lengthMs}`;
    const startedAt = performance.now();
    const response = await fetch(address + path);
    const { count } = (await response.json()) as { count: number };
    times.push(performance.now() - startedAt);
    if (!(count > 0)) throw new Error(`${path}: ${response.status}, count ${count}`);
  }
  const metered = used();
  const { p50, p99 } = percentiles(times);
  return {
    phases: [{ name: 'questions', rows: questions, ...metered }],
    facts: { [MEDIAN]: p50, [P99]: p99 },
  };
}
