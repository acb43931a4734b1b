import type { BatchRunFacts, ReconciliationVerdict } from '../../domain/batch_run.ts';
import { iso } from '../../domain/time.ts';
import { type ClickHouseClient, rows } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';
import type { Cut } from '../day/cut.ts';
import { writeHiveLedger } from './hive_ledger.ts';

/**
 * `published` is the commit point: from that row on the day is answered from the run. `blocked`: reconciliation did not
 * let it through; `accepted`: a person did. `previewed`: counted to be looked at, and never published.
 */
export type RunState = 'counting' | 'failed' | 'blocked' | 'accepted' | 'previewed' | 'published';

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
  previous_run: number;
  change: number;
  verdict: ReconciliationVerdict | '';
  unexplained: number;
  request: string;
  note: string;
}

/** Where events are recorded, and where Hive reads them. */
interface Ledger {
  clickhouse: ClickHouseClient;
  archiveDir: string;
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
  blocked: sql('clickhouse/queries/batch_blocked_days.sql'),
};

/** Adds an event, brings Hive's copy of the day to it, and returns its number. Only the holder of the day's lock may: numbers must not repeat. */
export async function record(ledger: Ledger, event: LedgerEvent, nowMs: number): Promise<number> {
  const { clickhouse, archiveDir } = ledger;
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
  writeHiveLedger(archiveDir, day, await batchRuns(clickhouse, day));
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

/** Days whose last run was not let through, in order; of every archive. */
export async function blockedDays(clickhouse: ClickHouseClient): Promise<string[]> {
  const blocked = await rows<{ day: string }>(clickhouse, SQL.blocked);
  return blocked.map(({ day }) => day);
}

/** All runs in order of day and number, of one day if it is given. */
export const batchRuns = (clickhouse: ClickHouseClient, day: string | null): Promise<BatchRun[]> =>
  rows<BatchRun>(clickhouse, SQL.runs, { day });
