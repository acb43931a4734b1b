import { z } from 'zod';
import { cut } from '../../domain/cut.ts';
import { count, day, month, time } from '../../domain/fields.ts';
import { parsedJson } from '../../domain/parse.ts';
import { iso } from '../../domain/time.ts';
import { type ClickHouseClient, rowsOf } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';

const SQL = { last: sql('clickhouse/queries/replay_last.sql'), all: sql('clickhouse/queries/replays.sql') };

/** `staged`: the next statement is the commit point. A replay killed there becomes `done` once it is exchanged. */
const replayState = z.enum(['begun', 'staged', 'done', 'failed']);
type ReplayState = z.infer<typeof replayState>;

/** What the real-time tables hold of the replayed days. */
export const held = z.object({ raw_rows: count, copies_dropped: count, clicks_by_ad: count, clicks_by_minute: count });
export type Held = z.infer<typeof held>;

const lastNumber = z.object({ replay: count });

const storedReplay = z.object({
  replay: z.int().min(1),
  state: replayState,
  /** `[from, to)` */
  from: day,
  to: day,
  reason: z.string(),
  requested_by: z.string(),
  started_at: time,
  recorded_at: time,
  /** Months of arrival in which the days have clicks. */
  months: z.array(month),
  /** The new tables hold the clicks below it; those below the first cut are counted in `before`. */
  cut,
  inputs: z.string(),
  /** JSON of `held`, or `null`. */
  before: z.string(),
  after: z.string(),
  note: z.string(),
});

/** Current state of a replay. Times are ISO 8601. */
export interface Replay extends Omit<z.infer<typeof storedReplay>, 'before' | 'after'> {
  before: Held | null;
  after: Held | null;
}

/** Requester, days, reason and inputs of a replay. `started_at` is epoch milliseconds. */
export interface ReplayFacts extends Omit<Replay, 'state' | 'started_at' | 'recorded_at' | 'note'> {
  started_at: number;
}

export async function recordReplay(
  clickhouse: ClickHouseClient,
  state: ReplayState,
  { from, to, started_at, before, after, ...facts }: ReplayFacts,
  note = '',
): Promise<void> {
  await clickhouse.insert({
    table: 'replays',
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
  const [last] = await rowsOf(clickhouse, lastNumber, SQL.last);
  return last?.replay ?? 0;
}

/** All replays in order, optionally of one day. */
export async function replaysOf(clickhouse: ClickHouseClient, day: string | null): Promise<Replay[]> {
  const found = await rowsOf(clickhouse, storedReplay, SQL.all, { day });
  return found.map(({ before, after, ...rest }) => ({
    ...rest,
    before: parsedJson(held.nullable(), before, `ads.replays: before of replay ${rest.replay}`),
    after: parsedJson(held.nullable(), after, `ads.replays: after of replay ${rest.replay}`),
  }));
}
