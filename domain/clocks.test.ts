import { describe, expect, test } from 'vitest';
import { type ClockReading, HOST_ITSELF, type NamedTime, skewMs, timeForDays } from './clocks.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './time.ts';

const reading = (atMs: number, fromMs: number, toMs: number): ClockReading => ({ atMs, host: { fromMs, toMs } });

test.each<[what: string, clock: ClockReading, broker: ClockReading, skew: number]>([
  ['this host, as the broker says', HOST_ITSELF, reading(1_000, 1_000, 1_000), 0],
  ['this host, within a slow answer', HOST_ITSELF, reading(1_001, 1_000, 60_000), 0],
  ['this host, behind a broker that is a day ahead', HOST_ITSELF, reading(DAY_MS + 2_000, 1_000, 2_000), -DAY_MS],
  ['this host, a day ahead', HOST_ITSELF, reading(1_000, DAY_MS + 1_000, DAY_MS + 1_500), DAY_MS],
  [
    'an engine that agrees, on a host that does not',
    reading(50, DAY_MS, DAY_MS + 9),
    reading(55, DAY_MS, DAY_MS + 9),
    0,
  ],
  ['an engine ahead', reading(HOUR_MS + 9, 0, 9), reading(0, 0, 9), HOUR_MS],
  ['an engine behind', reading(0, HOUR_MS, HOUR_MS + 9), reading(HOUR_MS, HOUR_MS, HOUR_MS), -HOUR_MS],
  ['two engines, the host between them', reading(4_000, 0, 0), reading(-3_000, 0, 0), 7_000],
])('skew of %s', (_, clock, broker, skew) => expect(skewMs(clock, broker)).toBe(skew));

describe('the time that decides whether a day has ended', () => {
  const midnight = 10 * DAY_MS;
  const broker = (ms: number): NamedTime => ({ of: 'broker', ms });
  const host = (ms: number): NamedTime => ({ of: 'host', ms });
  const clickhouse = (ms: number): NamedTime => ({ of: 'clickhouse', ms });
  test.each<[what: string, broker: number, others: NamedTime[], decides: NamedTime]>([
    ['all agree', midnight, [host(midnight), clickhouse(midnight)], broker(midnight)],
    ['a host ahead decides nothing', midnight - HOUR_MS, [host(midnight + DAY_MS)], broker(midnight - HOUR_MS)],
    ['a host behind by less than the lateness', midnight + 9, [host(midnight - 9)], broker(midnight + 9)],
    ['a host far behind, or a broker far ahead', midnight + HOUR_MS, [host(midnight)], host(midnight)],
    [
      'the earliest of several',
      midnight + HOUR_MS,
      [host(midnight), clickhouse(midnight - HOUR_MS)],
      clickhouse(midnight - HOUR_MS),
    ],
  ])('%s', (_, ms, others, decides) => expect(timeForDays(broker(ms), others, MINUTE_MS)).toEqual(decides));
});
