import { z } from 'zod';
import { recordedState } from '../../domain/batch_run.ts';
import { type ClickHouseClient, rowsOf } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';

const STATES = sql('clickhouse/queries/batch_requested_states.sql');

const requestedState = z.object({ state: recordedState });

/**
 * Whether the ledger has what was done of a day for a request, and nothing of it is left to be resumed. Only while the
 * day is held: an event of another process may be missing in ClickHouse.
 */
export async function isDayDone(clickhouse: ClickHouseClient, day: string, request: string): Promise<boolean> {
  const runs = await rowsOf(clickhouse, requestedState, STATES, { day, request });
  return runs.some(({ state }) => state !== 'counting' && state !== 'accepted');
}
