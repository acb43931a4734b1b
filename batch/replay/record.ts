import type { Cut } from '../../domain/cut.ts';
import { iso } from '../../domain/time.ts';
import { type ClickHouseClient, rows } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';

const SQL = { last: sql('clickhouse/queries/replay_last.sql'), all: sql('clickhouse/queries/replays.sql') };

/** `staged`: the next statement is the commit point. A replay killed there becomes `done` once it is exchanged. */
export type ReplayState = 'begun' | 'staged' | 'done' | 'failed';

/** What the real-time tables hold of the replayed days. */
export interface Held {
  raw_rows: number;
  copies_dropped: number;
  clicks_by_ad: number;
  clicks_by_minute: number;
}

/** Requester, days, reason and inputs of a replay. `started_at` is epoch milliseconds. */
export interface ReplayFacts {
  replay: number;
  /** `[from, to)` */
  from: string;
  to: string;
  reason: string;
  requested_by: string;
  started_at: number;
  /** Months of arrival in which the days have clicks, such as 202601. */
  months: string[];
  /** The new tables hold the clicks below it; those below the first cut are counted in `before`. */
  cut: Cut;
  inputs: string;
  before: Held | null;
  after: Held | null;
}

/** Current state of a replay. Times are ISO 8601. */
export interface Replay extends Omit<ReplayFacts, 'started_at'> {
  state: ReplayState;
  started_at: string;
  recorded_at: string;
  note: string;
}

export async function recordReplay(
  clickhouse: ClickHouseClient,
  state: ReplayState,
  { from, to, started_at, before, after, ...facts }: ReplayFacts,
  note = '',
): Promise<void> {
  await clickhouse.insert({
    table: 'ads.replays',
    values: [
      {
        ...facts,
        state,
        from_date: from,
        to_date: to,
        started_at: iso(started_at),
        note,
        before: JSON.stringify(before),
        after: JSON.stringify(after),
      },
    ],
    columns: [
      ...(['replay', 'state', 'from_date', 'to_date', 'reason', 'requested_by', 'started_at'] as const),
      ...(['months', 'cut', 'inputs', 'before', 'after', 'note'] as const),
    ],
    format: 'JSONEachRow',
    clickhouse_settings: { async_insert: 0 },
  });
}

/** 0 if there was none. */
export async function lastReplay(clickhouse: ClickHouseClient): Promise<number> {
  const [last] = await rows<{ replay: number }>(clickhouse, SQL.last);
  return last?.replay ?? 0;
}

/** All replays in order, optionally of one day. */
export async function replaysOf(clickhouse: ClickHouseClient, day: string | null): Promise<Replay[]> {
  type Row = Omit<Replay, 'before' | 'after'> & { before: string; after: string };
  const found = await rows<Row>(clickhouse, SQL.all, { day });
  return found.map(({ before, after, ...rest }) => ({
    ...rest,
    before: JSON.parse(before) as Held | null,
    after: JSON.parse(after) as Held | null,
  }));
}
