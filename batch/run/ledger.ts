import { z } from 'zod';
import { batchRunFacts, type RecordedState, recordedState } from '../../domain/batch_run.ts';
import { type Cut, cut } from '../../domain/cut.ts';
import { count, day } from '../../domain/fields.ts';
import { type ClickHouseClient, rowsOf } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';

const run = z.int().min(0);

/** Current state of a run. */
const batchRun = z.object({ day, ...batchRunFacts.shape });
export type BatchRun = z.infer<typeof batchRun>;

/** What a day is answered from; run 0: from its real-time counts. `seq`: the ledger's number of the event that made it so. */
const currentRun = z
  .object({ day, run, cut, published_seq: count })
  .transform(({ published_seq: seq, ...rest }) => ({ ...rest, seq }));
export type CurrentRun = z.infer<typeof currentRun>;

const runState = z.object({ run, state: recordedState });
const publishedRun = z.object({ run });
const countedCut = z.object({ day, cut });
const blockedDay = z.object({ day });

const SQL = {
  states: sql('clickhouse/queries/batch_states.sql'),
  current: sql('clickhouse/queries/batch_current.sql'),
  counted: sql('clickhouse/queries/batch_counted.sql'),
  published: sql('clickhouse/queries/batch_published.sql'),
  runs: sql('clickhouse/queries/batch_runs.sql'),
  blocked: sql('clickhouse/queries/batch_blocked_days.sql'),
};

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
