import { z } from 'zod';
import { type EventKind, PLURAL } from '../domain/event_kinds.ts';
import { count, day } from '../domain/fields.ts';
import { databaseOf } from '../domain/names.ts';
import { type ClickHouseClient, rowsOf } from '../infra/clients/clickhouse.ts';
import { type Finding, openFindings } from '../infra/register/findings.ts';
import { REGISTER_UNREADABLE } from '../infra/register/findings_metric.ts';
import type { Register } from '../infra/register/register.ts';
import { sql } from '../infra/sql.ts';
import type { SetAsideDoc } from '../serving/documents/set_aside.ts';
import type { DayStatus } from './days.ts';

const FROM_FUTURE_SQL = sql('clickhouse/queries/status_from_future.sql');
const COLLISIONS_SQL = sql('clickhouse/queries/status_collisions.sql');

const collidingDay = z.object({ date: day, clicks: count });
const fromFuture = z.object({ clicks: count, newest: z.string() });

export interface Warning {
  /** The kind it is about; absent: any. */
  event?: EventKind;
  /** `clicks_from_future`, `conflicts`, `collisions`, `messages_set_aside`, or the code of an open finding. */
  warning: string;
  /** How many events of the kind; null: nobody knows. */
  clicks: number | null;
  means: string;
  /** What to do; of a finding. */
  mend?: string;
  /** The times of the clicks that a finding concerns; null: any. */
  range?: Finding['range'];
  /** When it was found. */
  found_at?: string;
}

/** What makes answers wrong, or would have, and is not settled. */
export async function findingWarnings(register: Register): Promise<Warning[]> {
  const found = await openFindings(register).catch((error: unknown) => error);
  if (Array.isArray(found)) return (found as Finding[]).map(warningOf);
  const means = `the register, which lists what is known to be wrong, cannot be read: ${found}`;
  return [{ warning: REGISTER_UNREADABLE, clicks: null, means, mend: 'make the folder of REGISTER_URL readable' }];
}

const warningOf = ({ code, what, mend, range, found_at }: Finding): Warning => ({
  warning: code,
  clicks: null,
  means: what,
  mend,
  range,
  found_at,
});

/** Messages of the second queue that the indexer could not decode. */
export function setAsideWarnings(event: EventKind, { total, messages: [first] }: SetAsideDoc): Warning[] {
  if (total === 0) return [];
  const place = first ? ` (the first at offset ${first.offset} of ${first.topic}, partition ${first.partition})` : '';
  const what = `${total === 1 ? 'a message' : `${total} messages`} of the second queue could not be read${place}`;
  const means = `${what}: answers come from ClickHouse until that is settled; see "./clickledger set-aside"`;
  return [{ event, warning: 'messages_set_aside', clicks: null, means }];
}

/** Events that are counted like any other, but should be known to an operator. */
export async function eventWarnings(
  event: EventKind,
  clickhouse: ClickHouseClient,
  days: DayStatus[],
): Promise<Warning[]> {
  const one = `another ${event}`;
  const [future] = await rowsOf(clickhouse, fromFuture, FROM_FUTURE_SQL);
  const collisions = await rowsOf(clickhouse, collidingDay, COLLISIONS_SQL);
  const withConflicts = days.filter(({ conflicts }) => conflicts !== null && conflicts > 0);
  const all = [
    {
      warning: `${PLURAL[event]}_from_future`,
      clicks: future?.clicks ?? 0,
      means: `happened over 10 minutes after they arrived (the newest at ${future?.newest}): a clock is wrong; ${databaseOf(event)}.clicks_from_future has them`,
    },
    {
      warning: 'collisions',
      clicks: collisions.reduce((sum, { clicks }) => sum + clicks, 0),
      means: `have the 64-bit hash of ${one} (${collisions.map(({ date }) => date).join(', ')}): real time took them for copies, and the run of the day counts them; whoever sent them may mean to`,
    },
    {
      warning: 'conflicts',
      clicks: withConflicts.reduce((sum, { conflicts }) => sum + (conflicts ?? 0), 0),
      means: `have the event id of ${one} and other content (${withConflicts.map(({ date }) => date).join(', ')}): each is counted`,
    },
  ];
  return all.filter(({ clicks }) => clicks > 0).map((warning) => ({ event, ...warning }));
}
