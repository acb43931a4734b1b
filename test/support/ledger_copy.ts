import type { BatchRun } from '../../batch/run/ledger.ts';
import type { LedgerRow } from '../../batch/run/ledger_row.ts';
import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';

export const EVENT: LedgerRow = {
  date: '2021-01-01',
  seq: 1,
  run: 1,
  state: 'published',
  reason: 'test',
  requested_by: 'test',
  clicks: 10,
  copies_dropped: 1,
  late_included: 2,
  cut: { 'clicks-0': 11 },
  inputs: '{"files":1}',
  difference: -1,
  conflicts: 0,
  annotation_conflicts: 0,
  previous_run: 0,
  change: 3,
  verdict: 'tolerated',
  unexplained: 1,
  request: '',
  note: '',
  started_at: '2021-01-02T01:00:00.000Z',
  finished_at: null,
  recorded_at: '2021-01-02T01:01:00.000Z',
};

export type CopiedRow = LedgerRow & { register: string };

/** Stands for ads.ledger: answers the queries of the copy from the rows that it was given, and knows tokens. */
export class LedgerCopy {
  rows: CopiedRow[] = [];
  readonly #tokens = new Set<string>();

  /** @param onCall called before each call is carried out, and after */
  clickhouse(onCall: (what: string) => Promise<void> = async () => {}): ClickHouseClient {
    return {
      query: async ({ query, query_params = {} }: { query: string; query_params?: Record<string, unknown> }) => {
        await onCall('query');
        const rows = this.#answer(query, query_params);
        await onCall('answer');
        return { json: async () => rows };
      },
      insert: async ({ values, clickhouse_settings: settings }: Insert) => {
        await onCall('insert');
        const token = settings?.insert_deduplication_token;
        if (token === undefined || !this.#tokens.has(token)) this.rows.push(...values);
        if (token !== undefined) this.#tokens.add(token);
        await onCall('inserted');
      },
    } as unknown as ClickHouseClient;
  }

  #answer(query: string, { day, register }: Record<string, unknown>): unknown[] {
    const ofDay = this.rows.filter(({ date }) => day === null || day === undefined || date === day);
    switch (query) {
      case sql('clickhouse/queries/ledger_copy.sql'):
        return ofDay.map(({ register: _, ...row }) => row);
      case sql('clickhouse/queries/ledger_copy_register.sql'):
        return this.rows.flatMap(({ register }) => (register === '' ? [] : [{ register }])).slice(-1);
      case sql('clickhouse/queries/ledger_copy_days.sql'):
        return [...new Set(ofDay.map(({ date }) => date))].map((date) => {
          const numbers = ofDay.filter((row) => row.date === date);
          const own = numbers.filter((row) => row.register === register);
          const last = (of: CopiedRow[]) => Math.max(0, ...of.map(({ seq }) => seq));
          const events = new Set(numbers.map(({ seq }) => seq)).size;
          return { day: date, last: last(numbers), events, own: last(own) };
        });
      case sql('clickhouse/queries/filters_copy.sql'):
      case sql('clickhouse/queries/ad_name_revisions.sql'):
        return [];
      case sql('clickhouse/queries/batch_runs.sql'):
        return runsOf(ofDay);
      default:
        throw new Error(`no answer to ${query}`);
    }
  }
}

interface Insert {
  values: CopiedRow[];
  clickhouse_settings?: { insert_deduplication_token?: string };
}

/** Each run as its last event has it. */
function runsOf(rows: CopiedRow[]): BatchRun[] {
  const last = new Map(rows.filter(({ run }) => run > 0).map((row) => [row.run, row]));
  return [...last.values()].map(({ date: day, seq: _, register: __, recorded_at, ...row }) => {
    return { day, ...row, published_at: null, rolled_back_at: null, accepted_by: '', accepted_reason: '' };
  });
}
