import { z } from 'zod';
import { batchRunFacts, type RecordedState, recordedState, runFigures } from '../../domain/batch_run.ts';
import { type Cut, cut } from '../../domain/cut.ts';
import { count, day } from '../../domain/fields.ts';
import { parsed } from '../../domain/parse.ts';
import { iso } from '../../domain/time.ts';
import { type ClickHouseClient, rowsOf } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';
import { writeHiveLedger } from './hive_ledger.ts';

const run = z.int().min(0);

/** One event in the life of a run; run 0 is what a day is answered from without one. Times are epoch milliseconds. */
const ledgerEvent = z.strictObject({
  day,
  run,
  state: recordedState,
  reason: z.string(),
  requested_by: z.string(),
  started_at: z.int(),
  finished_at: z.int().nullable(),
  ...runFigures.shape,
  request: z.string(),
  note: z.string(),
});
export type LedgerEvent = z.infer<typeof ledgerEvent>;

/** Where events are recorded, and where Hive reads them. */
interface Ledger {
  clickhouse: ClickHouseClient;
  archiveDir: string;
}

/** Current state of a run. */
const batchRun = z.object({ day, ...batchRunFacts.shape });
export type BatchRun = z.infer<typeof batchRun>;

/** What a day is answered from; run 0: from its real-time counts. `seq`: the ledger's number of the event that made it so. */
const currentRun = z
  .object({ day, run, cut, published_seq: count })
  .transform(({ published_seq: seq, ...rest }) => ({ ...rest, seq }));
export type CurrentRun = z.infer<typeof currentRun>;

const nextSeq = z.object({ seq: count });
const runState = z.object({ run, state: recordedState });
const publishedRun = z.object({ run });
const countedCut = z.object({ day, cut });
const blockedDay = z.object({ day });

const SQL = {
  nextSeq: sql('clickhouse/queries/batch_next_seq.sql'),
  states: sql('clickhouse/queries/batch_states.sql'),
  current: sql('clickhouse/queries/batch_current.sql'),
  counted: sql('clickhouse/queries/batch_counted.sql'),
  published: sql('clickhouse/queries/batch_published.sql'),
  runs: sql('clickhouse/queries/batch_runs.sql'),
  blocked: sql('clickhouse/queries/batch_blocked_days.sql'),
};

/**
 * Adds an event, brings Hive's copy of the day to it, and returns its number. Only the holder of the day's lock may:
 * numbers must not repeat. It is checked before: ClickHouse takes a row without a column, or with one it does not know.
 */
export async function record(ledger: Ledger, event: LedgerEvent, nowMs: number): Promise<number> {
  const { clickhouse, archiveDir } = ledger;
  const { day, started_at, finished_at, ...rest } = parsed(ledgerEvent, event, 'an event of the ledger');
  const [next] = await rowsOf(clickhouse, nextSeq, SQL.nextSeq, { day });
  const seq = next?.seq ?? 1;
  const times = {
    started_at: iso(started_at),
    finished_at: finished_at === null ? null : iso(finished_at),
    recorded_at: iso(nowMs),
  };
  await clickhouse.insert({
    table: 'ads.ledger',
    values: [{ date: day, seq, ...rest, ...times }],
    format: 'JSONEachRow',
  });
  writeHiveLedger(archiveDir, day, await batchRuns(clickhouse, day));
  return seq;
}

/** Run → its last state. */
export async function statesOf(clickhouse: ClickHouseClient, day: string): Promise<Map<number, RecordedState>> {
  const states = await rowsOf(clickhouse, runState, SQL.states, { day });
  return new Map(states.map(({ run, state }) => [run, state]));
}

/** Every day that was ever published. */
export async function currentRuns(clickhouse: ClickHouseClient): Promise<Map<string, CurrentRun>> {
  const current = await rowsOf(clickhouse, currentRun, SQL.current);
  return new Map(current.map((row) => [row.day, row]));
}

/** The runs that answered for a day, one after the other (0: its real-time counts); the last one is current. */
export async function publishedRuns(clickhouse: ClickHouseClient, day: string): Promise<number[]> {
  const published = await rowsOf(clickhouse, publishedRun, SQL.published, { day });
  return published.map(({ run }) => run);
}

/**
 * Day → the cut up to which a published run has counted it. Rolled-back runs are included: an operator's decision is
 * not undone by the next nightly run, only by new clicks.
 */
export async function countedCuts(clickhouse: ClickHouseClient): Promise<Map<string, Cut>> {
  const counted = await rowsOf(clickhouse, countedCut, SQL.counted);
  return new Map(counted.map(({ day, cut }) => [day, cut]));
}

/** Days whose last run is blocked, in order; of every archive. */
export async function blockedDays(clickhouse: ClickHouseClient): Promise<string[]> {
  const blocked = await rowsOf(clickhouse, blockedDay, SQL.blocked);
  return blocked.map(({ day }) => day);
}

/** All runs ordered by day and number, optionally of one day. */
export const batchRuns = (clickhouse: ClickHouseClient, day: string | null): Promise<BatchRun[]> =>
  rowsOf(clickhouse, batchRun, SQL.runs, { day });
