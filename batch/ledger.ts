import type { BatchRunFacts } from '../domain/batch_run.ts';
import { iso } from '../domain/time.ts';
import { type ClickHouseClient, rows } from '../infra/clients/clickhouse.ts';
import { sql } from '../infra/sql.ts';
import type { Cut } from './cut.ts';

/** `published` is the commit point: from that row on the day is answered from the run. */
export type RunState = 'counting' | 'failed' | 'published';

/** One event in the life of a run. Times are epoch milliseconds. */
export interface LedgerEvent {
  day: string;
  run: number;
  state: RunState;
  reason: string;
  requested_by: string;
  started_at: number;
  finished_at: number | null;
  clicks: number;
  copies_dropped: number;
  late_included: number;
  cut: Cut;
  inputs: string;
  difference: number;
  conflicts: number;
  note: string;
}

/** A run as it stands now. */
export type BatchRun = { day: string } & BatchRunFacts;

/** What a day is answered from; run 0: from its real-time counts. */
export interface CurrentRun {
  day: string;
  run: number;
  cut: Cut;
  /** The ledger's number of the event that made it so. */
  seq: number;
}

const SQL = {
  nextSeq: sql('clickhouse/queries/batch_next_seq.sql'),
  states: sql('clickhouse/queries/batch_states.sql'),
  current: sql('clickhouse/queries/batch_current.sql'),
  counted: sql('clickhouse/queries/batch_counted.sql'),
  published: sql('clickhouse/queries/batch_published.sql'),
  runs: sql('clickhouse/queries/batch_runs.sql'),
};

/** Adds an event, and returns its number. Only the holder of the day's lock may: numbers must not repeat. */
export async function record(clickhouse: ClickHouseClient, event: LedgerEvent, nowMs: number): Promise<number> {
  const { day, started_at, finished_at, ...rest } = event;
  const [next] = await rows<{ seq: number }>(clickhouse, SQL.nextSeq, { day });
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
  return seq;
}

/** Run → its last state. */
export async function statesOf(clickhouse: ClickHouseClient, day: string): Promise<Map<number, RunState>> {
  const states = await rows<{ run: number; state: RunState }>(clickhouse, SQL.states, { day });
  return new Map(states.map(({ run, state }) => [run, state]));
}

/** Every day that was ever published. */
export async function currentRuns(clickhouse: ClickHouseClient): Promise<Map<string, CurrentRun>> {
  const current = await rows<Omit<CurrentRun, 'seq'> & { published_seq: number }>(clickhouse, SQL.current);
  return new Map(current.map(({ published_seq: seq, ...rest }) => [rest.day, { ...rest, seq }]));
}

/** What a day was answered from, one after the other (0: its real-time counts); the last one is current. */
export async function publishedRuns(clickhouse: ClickHouseClient, day: string): Promise<number[]> {
  const published = await rows<{ run: number }>(clickhouse, SQL.published, { day });
  return published.map(({ run }) => run);
}

/**
 * Day → the cut up to which a published run has counted it. One that was rolled back still has: a person's decision is
 * not undone by the next night, only by new clicks.
 */
export async function countedCuts(clickhouse: ClickHouseClient): Promise<Map<string, Cut>> {
  const counted = await rows<{ day: string; cut: Cut }>(clickhouse, SQL.counted);
  return new Map(counted.map(({ day, cut }) => [day, cut]));
}

/** All runs in order of day and number, of one day if it is given. */
export const batchRuns = (clickhouse: ClickHouseClient, day: string | null): Promise<BatchRun[]> =>
  rows<BatchRun>(clickhouse, SQL.runs, { day });
