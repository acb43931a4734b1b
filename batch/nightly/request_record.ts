import { z } from 'zod';
import { recordedState } from '../../domain/batch_run.ts';
import { day } from '../../domain/fields.ts';
import { iso } from '../../domain/time.ts';
import { type ClickHouseClient, rowsOf } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';
import type { BatchEngines } from '../run/engines.ts';

const SQL = {
  open: sql('clickhouse/queries/batch_open_requests.sql'),
  states: sql('clickhouse/queries/batch_requested_states.sql'),
};

/** A request to the API: runs of the days `[from_day, to_day)`. */
const runsRequest = z.object({
  request: z.string(),
  from_day: day,
  to_day: day,
  reason: z.string(),
  requested_by: z.string(),
});
export type RunsRequest = z.infer<typeof runsRequest>;

const requestedState = z.object({ state: recordedState });

/** Neither done nor given up, the oldest first. */
export const openRequests = (clickhouse: ClickHouseClient): Promise<RunsRequest[]> =>
  rowsOf(clickhouse, runsRequest, SQL.open);

export const endRequest = async (
  { clickhouse, clock }: Pick<BatchEngines, 'clickhouse' | 'clock'>,
  request: RunsRequest,
  state: 'done' | 'failed',
  note: string,
): Promise<unknown> =>
  clickhouse.insert({
    table: 'run_requests',
    values: [{ ...request, state, note, recorded_at: iso(await clock.read()) }],
    format: 'JSONEachRow',
  });

/** Whether a day has a run for the request that will not be resumed. */
export async function isDayDone(clickhouse: ClickHouseClient, day: string, request: string): Promise<boolean> {
  const runs = await rowsOf(clickhouse, requestedState, SQL.states, { day, request });
  return runs.some(({ state }) => state !== 'counting' && state !== 'accepted');
}
