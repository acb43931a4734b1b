import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { EVENT_KINDS } from '../../../domain/event_kinds.ts';
import { DAY_MS, dayOf, dayStartMs, isDay, iso, YEAR_2000_MS } from '../../../domain/time.ts';
import type { Caller } from '../contract/access.ts';
import { badParameters } from '../contract/problem.ts';
import { engineCall, type Stores } from '../stores/engines.ts';

const MAX_DAYS = 366;
const MAX_REASON = 500;

const day = z
  .string('a UTC day such as 2021-01-01')
  .refine((text) => isDay(text) && dayStartMs(text) >= YEAR_2000_MS, 'a UTC day such as 2021-01-01, not before 2000');

export const runsBody = z.object({
  event: z.enum(EVENT_KINDS, `a kind of event: ${EVENT_KINDS.join(', ')}`).optional(),
  from: day,
  to: day,
  reason: z.string('why, in words').trim().min(1, 'why, in words').max(MAX_REASON, `at most ${MAX_REASON} characters`),
});

/** Throws a Problem unless the days have ended and are not too many. */
export function checkDays({ from, to }: { from: string; to: string }, nowMs: number): void {
  const today = dayOf(nowMs);
  if (from >= to) throw badParameters([{ parameter: 'from', expected: `a day before "to" (${to})`, got: from }]);
  if (to > today) {
    throw badParameters([{ parameter: 'to', expected: `at most ${today}: only ended days can be recounted`, got: to }]);
  }
  if (dayStartMs(to) - dayStartMs(from) > MAX_DAYS * DAY_MS) {
    throw badParameters([{ parameter: 'to', expected: `at most ${MAX_DAYS} days after "from"`, got: to }]);
  }
}

/** Records a request for runs of each kind; the nightly role picks it up within seconds. */
export async function requestRuns(
  kinds: Pick<Stores, 'clickhouse' | 'event'>[],
  { from, to, reason }: Omit<z.output<typeof runsBody>, 'event'>,
  caller: Caller,
  nowMs: number,
) {
  const request = randomUUID();
  const asked = { request, state: 'asked', from_day: from, to_day: to, reason, requested_by: caller.name, note: '' };
  const values = [{ ...asked, recorded_at: iso(nowMs) }];
  const record = ({ clickhouse }: Pick<Stores, 'clickhouse'>) =>
    engineCall('clickhouse', clickhouse.insert({ table: 'run_requests', values, format: 'JSONEachRow' }));
  // The first kind last: a request that failed half-way is asked for again, and the answer names the runs of this kind.
  for (const stores of kinds.toReversed()) await record(stores);
  const event = kinds[0]?.event ?? 'click';
  const runs = `/v1/runs?request=${request}${event === 'click' ? '' : `&event=${event}`}`;
  return { request, from, to, reason, requested_by: caller.name, runs };
}
