import { HOST_ITSELF, type NamedTime, skewMs, timeForDays } from '../../domain/clocks.ts';
import { dayOf, YEAR_2000_MS } from '../../domain/time.ts';
import { readClickHouseClock } from '../../infra/clocks/clickhouse.ts';
import type { BatchEngines } from './engines.ts';

type Clocks = Pick<BatchEngines, 'clock' | 'clickhouse' | 'allowedLatenessMs'>;

const FIRST_DAY = dayOf(YEAR_2000_MS);

/** Throws for a day before which there are no clicks. */
export function refuseTooOld(day: string): void {
  if (day < FIRST_DAY) throw new Error(`${day} is before ${FIRST_DAY}: no click is that old`);
}

/** Throws if the day is not over, also without any click: its counts would not be final. */
export function refuseUnended(day: string, { of, ms }: NamedTime): void {
  refuseTooOld(day);
  if (day >= dayOf(ms)) {
    throw new Error(`${day} has not ended yet by the clock of ${of} (days are UTC): only ended days can be rebuilt`);
  }
}

/** The time by which days must have ended: the broker's, unless the clock of this host or of ClickHouse doubts it. */
export async function readTimeForDays({ clock, clickhouse, allowedLatenessMs }: Clocks): Promise<NamedTime> {
  const ofClickHouse = await readClickHouseClock(clickhouse);
  const broker = await clock.reading();
  const others = [
    { of: 'this host', ms: broker.atMs + skewMs(HOST_ITSELF, broker) },
    { of: 'ClickHouse', ms: broker.atMs + skewMs(ofClickHouse, broker) },
  ];
  return timeForDays({ of: 'the broker', ms: broker.atMs }, others, allowedLatenessMs);
}

/** Throws if one of the days is not over. */
export async function requireEnded(engines: Clocks, days: readonly string[]): Promise<void> {
  const time = await readTimeForDays(engines);
  for (const day of days) refuseUnended(day, time);
}
