import { z } from 'zod';
import { count } from '../domain/fields.ts';
import { type ClickHouseClient, rowsOf } from '../infra/clients/clickhouse.ts';
import { sql } from '../infra/sql.ts';
import type { SetAsideDoc } from '../serving/documents/set_aside.ts';
import type { DayStatus } from './days.ts';

const FROM_FUTURE_SQL = sql('clickhouse/queries/status_from_future.sql');

const fromFuture = z.object({ clicks: count, newest: z.string() });

export interface Warning {
  warning: 'clicks_from_future' | 'conflicts' | 'messages_set_aside';
  /** null: nobody knows. */
  clicks: number | null;
  means: string;
}

/** Messages of the second queue that the indexer could not decode. */
export function setAsideWarnings({ total, messages: [first] }: SetAsideDoc): Warning[] {
  if (total === 0) return [];
  const place = first ? ` (the first at offset ${first.offset} of ${first.topic}, partition ${first.partition})` : '';
  const what = `${total === 1 ? 'a message' : `${total} messages`} of the second queue could not be read${place}`;
  const means = `${what}: answers come from ClickHouse until that is settled; see "./clickledger set-aside"`;
  return [{ warning: 'messages_set_aside', clicks: null, means }];
}

/** Clicks that are counted like any other, but should be known to an operator. */
export async function clickWarnings(clickhouse: ClickHouseClient, days: DayStatus[]): Promise<Warning[]> {
  const [future] = await rowsOf(clickhouse, fromFuture, FROM_FUTURE_SQL);
  const withConflicts = days.filter(({ conflicts }) => conflicts !== null && conflicts > 0);
  const all = [
    {
      warning: 'clicks_from_future' as const,
      clicks: future?.clicks ?? 0,
      means: `happened over 10 minutes after they arrived (the newest at ${future?.newest}): a clock is wrong; ads.clicks_from_future has them`,
    },
    {
      warning: 'conflicts' as const,
      clicks: withConflicts.reduce((sum, { conflicts }) => sum + (conflicts ?? 0), 0),
      means: `have the event id of another click and other content (${withConflicts.map(({ date }) => date).join(', ')}): each is counted`,
    },
  ];
  return all.filter(({ clicks }) => clicks > 0);
}
