import type { z } from 'zod';
import type { EventKind } from '../../../domain/event_kinds.ts';
import type { ClickHouseClient, ClickHouseSettings } from '../../../infra/clients/clickhouse.ts';
import type { ElasticsearchClient } from '../../../infra/clients/elasticsearch.ts';
import { fillHive, type HiveValue } from '../../../infra/hive_statement.ts';
import { limited } from '../../../infra/limited.ts';
import { parsedRows } from '../../../infra/sql.ts';
import { type Engine, EngineFailure } from '../contract/engine_failure.ts';
import { Problem } from '../contract/problem.ts';
import type { Archive } from './hive_sessions.ts';

export const ENGINE_LIMIT_MS = 10_000;
/** Hive needs seconds even for small statements, and one may wait for a nightly run's. */
const HIVE_LIMIT_MS = 60_000;
/** Reading the indexer's state takes a millisecond or two: a slower Elasticsearch is not used. */
const STATE_LIMIT_MS = 2_000;

export async function engineCall<T>(engine: Engine, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw cause instanceof EngineFailure ? cause : new EngineFailure(engine, cause);
  }
}

export interface Stores {
  /** For quick questions. This and the next two have connections of their own: none waits for a query of another. */
  clickhouse: ClickHouseClient;
  /** For slow questions. */
  slow: ClickHouseClient;
  /** For what all questions need: the ledger, what is kept, and whether ClickHouse answers. */
  ledger: ClickHouseClient;
  elasticsearch: ElasticsearchClient;
  archive: Archive;
  stateIndex: string;
  /** The kind that they hold. */
  event: EventKind;
  /** Events that were read before this time were passed over, since the kind was not run yet; null: none were. */
  firstRunMs: number | null;
  /** Raw events that arrived since then are all in ClickHouse. */
  rawSinceMs(nowMs: number): Promise<number>;
  /** Runs (`runKey`) whose minutes are on record as gone from ClickHouse. */
  minutesGone(): Promise<ReadonlySet<string>>;
  /** Partitions of the second queue that carry real-time rows. */
  realtimePartitions: number[];
}

/** Where a slow question asks. */
export const slowly = ({ slow }: Pick<Stores, 'slow'>): Pick<Stores, 'clickhouse'> => ({ clickhouse: slow });

/** The rows, each as its schema has it. One that is not is no failure of the engine: nothing else may answer instead. */
export async function queryRowsOf<Schema extends z.ZodType>(
  stores: Pick<Stores, 'clickhouse'>,
  schema: Schema,
  query: string,
  query_params: Record<string, unknown>,
  signal: AbortSignal,
  settings: ClickHouseSettings = {},
): Promise<z.output<Schema>[]> {
  return parsedRows(schema, await queryClickHouse(stores, query, query_params, signal, settings), query);
}

export async function queryClickHouse(
  { clickhouse }: Pick<Stores, 'clickhouse'>,
  query: string,
  query_params: Record<string, unknown>,
  signal: AbortSignal,
  settings: ClickHouseSettings = {},
): Promise<unknown[]> {
  const read = async (abort_signal: AbortSignal): Promise<unknown[]> => {
    const result = await clickhouse.query({
      query,
      query_params,
      format: 'JSONEachRow',
      abort_signal,
      // A question over many years has more days than fit into a URL.
      use_multipart_params_auto: true,
      clickhouse_settings: {
        // Cancels the query in ClickHouse too; so does disconnecting, but it checks that only for read-only queries.
        max_execution_time: ENGINE_LIMIT_MS / 1_000,
        cancel_http_readonly_queries_on_client_close: 1,
        readonly: '2',
        ...settings,
      },
    });
    return result.json();
  };
  return withinMemory(engineCall('clickhouse', limited(signal, ENGINE_LIMIT_MS, read)));
}

const MEMORY_LIMIT_EXCEEDED = '241';

/** A query that takes more memory than it may have is no failure of ClickHouse: it would fail again. */
export async function withinMemory<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const cause = error instanceof EngineFailure ? error.cause : null;
    const { code, message = '' } = (cause ?? {}) as { code?: unknown; message?: string };
    if (code !== MEMORY_LIMIT_EXCEEDED || !/^query memory limit/i.test(message)) throw error;
    const detail = 'it takes more memory than one question may have: ask for a shorter range, or for less at a time';
    throw new Problem(400, 'too-much-memory', 'The question takes too much memory', detail, {}, cause);
  }
}

export async function queryHiveRowsOf<Schema extends z.ZodType>(
  { archive }: Pick<Stores, 'archive'>,
  schema: Schema,
  template: string,
  values: Record<string, HiveValue>,
  signal: AbortSignal,
): Promise<z.output<Schema>[]> {
  const read = (until: AbortSignal) => archive.rows(fillHive(template, values), until);
  return parsedRows(schema, await engineCall('hive', limited(signal, HIVE_LIMIT_MS, read)), template);
}

/** No retry: ClickHouse answers whatever Elasticsearch does not. */
export const searchOptions = (signal: AbortSignal) => ({ signal, requestTimeout: ENGINE_LIMIT_MS, maxRetries: 0 });
export const stateOptions = (signal: AbortSignal) => ({ signal, requestTimeout: STATE_LIMIT_MS, maxRetries: 0 });
