import { join } from 'node:path';
import { PLURAL } from '../../domain/event_kinds.ts';
import { endOffsets } from '../../infra/clients/kafka.ts';
import { writeTraffic } from '../../infra/traffic/traffic.ts';
import { sum } from '../arithmetic.ts';
import { even } from '../clicks.ts';
import { hasCommitted, sinkReads } from '../path.ts';
import type { BenchSite } from '../site.ts';
import { until } from '../until.ts';

const CLICKS_PER_SECOND = 5_000;

/** Does some work while clicks pass through the log monitor and the sink, which must be running. */
export async function whileClicksCome<T>(site: BenchSite, work: () => Promise<T>): Promise<T> {
  const ending = new AbortController();
  const file = join(site.folder, 'logs', 'clicks.log');
  const sample = { ...even(500), seed: 1, eventIdShare: 0.5 };
  const options = { file, rate: CLICKS_PER_SECOND, seconds: Number.POSITIVE_INFINITY, signal: ending.signal };
  const before = sum((await endOffsets(site.admin, PLURAL.click)).values());
  const writing = writeTraffic({ ...options, ...sample });
  try {
    return await work();
  } finally {
    ending.abort();
    const { lines } = await writing;
    // Otherwise the rest would be counted during another measurement.
    await until('every line is counted', () => hasCommitted(site, sinkReads(), before + lines));
  }
}
