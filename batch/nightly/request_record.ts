import { z } from 'zod';
import { count, day } from '../../domain/fields.ts';
import { type RunsRequest, runsRequest } from '../../domain/run_request.ts';
import { iso } from '../../domain/time.ts';
import { type ClickHouseClient, rowsOf } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';
import type { BatchEngines } from '../run/engines.ts';

const OPEN = sql('clickhouse/queries/batch_open_requests.sql');

/** A request and what is settled of it. */
const openRequest = z.object({
  ...runsRequest.shape,
  run: count,
  over: z.array(z.object({ day: z.union([day, z.literal('')]), note: z.string() })),
});
export type OpenRequest = z.infer<typeof openRequest>;

/** Neither done nor given up, the oldest first. */
export const openRequests = (clickhouse: ClickHouseClient): Promise<OpenRequest[]> =>
  rowsOf(clickhouse, openRequest, OPEN);

type Recorder = Pick<BatchEngines, 'clickhouse' | 'clock'>;

interface Row {
  state: 'working' | 'done' | 'failed';
  day?: string;
  step?: string;
  note?: string;
  result?: string;
}

async function add({ clickhouse, clock }: Recorder, request: OpenRequest, row: Row): Promise<void> {
  const asked: RunsRequest = runsRequest.parse(request);
  const recorded_at = iso(await clock.read());
  await clickhouse.insert({
    table: 'run_requests',
    values: [{ ...asked, day: '', step: '', note: '', result: '', ...row, recorded_at }],
    format: 'JSONEachRow',
  });
}

export const endRequest = (
  engines: Recorder,
  request: OpenRequest,
  state: 'done' | 'failed',
  note: string,
): Promise<void> => add(engines, request, { state, note });

/** Tells how far a request is. Steps come one after the other, and work does not wait for their rows. */
export class Progress {
  readonly #engines: Recorder;
  readonly #request: OpenRequest;
  #told: Promise<void> = Promise.resolve();

  constructor(engines: Recorder, request: OpenRequest) {
    this.#engines = engines;
    this.#request = request;
  }

  step(day: string, step: string): void {
    this.#tell({ state: 'working', day, step });
  }

  /** Resolves when the end of the day, and all before it, is on record. */
  over(day: string, { note = '', result = '' }: { note?: string; result?: string }): Promise<void> {
    return this.#tell({ state: 'working', day, step: 'over', note, result });
  }

  #tell(row: Row): Promise<void> {
    const told = this.#told.then(() => add(this.#engines, this.#request, row));
    // Whoever waits for the end of the day is told of a failure.
    told.catch(() => {});
    this.#told = told;
    return told;
  }
}
