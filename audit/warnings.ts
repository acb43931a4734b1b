import { type ClickHouseClient, rows } from '../infra/clients/clickhouse.ts';
import { sql } from '../infra/sql.ts';
import type { DayStatus } from './days.ts';

const FROM_FUTURE_SQL = sql('clickhouse/queries/status_from_future.sql');

export interface Warning {
  warning: 'clicks_from_future' | 'conflicts';
  clicks: number;
  means: string;
}

/** Clicks that are counted like any other, but should be known to an operator. */
export async function warnings(clickhouse: ClickHouseClient, days: DayStatus[]): Promise<Warning[]> {
  const [future] = await rows<{ clicks: number; newest: string }>(clickhouse, FROM_FUTURE_SQL);
  const withConflicts = days.filter(({ conflicts }) => conflicts !== null && conflicts > 0);
  const all: Warning[] = [
    {
      warning: 'clicks_from_future',
      clicks: future?.clicks ?? 0,
      means: `happened over 10 minutes after they arrived (the newest at ${future?.newest}): a clock is wrong; ads.clicks_from_future has them`,
    },
    {
      warning: 'conflicts',
      clicks: withConflicts.reduce((sum, { conflicts }) => sum + (conflicts ?? 0), 0),
      means: `have the event id of another click and other content (${withConflicts.map(({ date }) => date).join(', ')}): each is counted`,
    },
  ];
  return all.filter(({ clicks }) => clicks > 0);
}
