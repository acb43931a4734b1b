import { iso } from '../../domain/time.ts';
import { type ClickHouseClient, rows } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';
import type { RunState } from '../run/ledger.ts';

const SQL = {
  open: sql('clickhouse/queries/batch_open_requests.sql'),
  states: sql('clickhouse/queries/batch_requested_states.sql'),
};

/** What somebody asked the API for: runs of the days `[from_day, to_day)`. */
export interface RunsRequest {
  request: string;
  from_day: string;
  to_day: string;
  reason: string;
  requested_by: string;
}

/** Neither done nor given up, the oldest first. */
export const openRequests = (clickhouse: ClickHouseClient): Promise<RunsRequest[]> => rows(clickhouse, SQL.open);

export const endRequest = (
  clickhouse: ClickHouseClient,
  request: RunsRequest,
  state: 'done' | 'failed',
  note: string,
): Promise<unknown> =>
  clickhouse.insert({
    table: 'ads.run_requests',
    values: [{ ...request, state, note, recorded_at: iso(Date.now()) }],
    format: 'JSONEachRow',
  });

/** Whether a day has a run for the request that will not be taken up again. */
export async function isDayDone(clickhouse: ClickHouseClient, day: string, request: string): Promise<boolean> {
  const runs = await rows<{ state: RunState }>(clickhouse, SQL.states, { day, request });
  return runs.some(({ state }) => state !== 'counting' && state !== 'accepted');
}
