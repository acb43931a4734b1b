import { once } from 'node:events';
import { HiveClient, HiveUtils, thrift } from 'hive-driver';
import { z } from 'zod';
import { count } from '../../domain/fields.ts';
import { databaseOf } from '../../domain/names.ts';
import type { HiveAddress } from '../engine_settings/addresses.ts';
import { fillHive, type HiveValue } from '../hive_statement.ts';
import type { Log } from '../log.ts';
import { parsedRows } from '../sql.ts';
import { withTimeout } from '../with_timeout.ts';
import { withExplanation } from './faults.ts';
import { openHiveSession } from './hive_session.ts';

/** One session: one statement at a time. A lost session stays lost; the caller connects again. */
export interface Hive {
  execute(statement: string): Promise<void>;
  /**
   * All rows of a small result. Sums that may exceed 2^53 must be cast to STRING in the statement. On abort of `signal`
   * it rejects, and the statement ends in Hive, within seconds.
   */
  rows<Row>(statement: string, signal?: AbortSignal): Promise<Row[]>;
  close(): Promise<void>;
}

/** Hive ran the statement and reported an error: the same statement would fail again. */
export class HiveStatementError extends Error {}
/** No answer: the statement may or may not have been executed. */
class HiveLostError extends Error {}

const { TCLIService, TCLIService_types: types } = thrift;

const CONNECT_LIMIT_MS = 20_000;
/** Limit of one call to the server; a running statement is polled for its state, which is answered within seconds. */
const CALL_LIMIT_MS = 120_000;
/** A file system command is executed within the one call, and may copy a whole file over the network. */
const DFS_LIMIT_MS = 1_800_000;
const STATEMENT_LIMIT_MS = 4 * 3_600_000;

/**
 * @param database of the kind of event whose tables are asked: statements name tables without it
 * @returns a session on the first of the servers that gives one
 */
export async function connectHive(at: HiveAddress, log: Log, database = databaseOf('click')): Promise<Hive> {
  const failures: unknown[] = [];
  for (const { host, port } of at.hosts) {
    try {
      return await connectTo({ ...at, hosts: [{ host, port }] }, `${host}:${port}`, log, database);
    } catch (error) {
      failures.push(error);
      log.debug({ hive: `${host}:${port}`, err: error }, 'no session: trying the next server, if there is one');
    }
  }
  throw failures.at(-1);
}

async function connectTo(at: HiveAddress, place: string, log: Log, database: string): Promise<Hive> {
  const client = new HiveClient(TCLIService, types);
  let closing = false;
  let lost: HiveLostError | null = null;
  // The driver's promises never settle once the connection is lost, so each call is raced against this one.
  const gone = new Promise<never>((_, reject) => {
    const lose = (why: string, cause?: Error) => {
      lost ??= new HiveLostError(`Hive at ${place} is lost: ${why}`, { cause });
      if (!closing) log.debug({ hive: place }, lost.message);
      reject(lost);
    };
    client.on('error', (error: Error) => lose(error.message, error));
    client.on('close', () => lose('connection closed'));
  });
  gone.catch(() => {});

  async function call<T>(what: string, promise: Promise<T>, limitMs = CALL_LIMIT_MS): Promise<T> {
    try {
      return await withTimeout(Promise.race([promise, gone]), limitMs, () => {
        client.close();
        throw new HiveLostError(`Hive at ${place}: ${what} took more than ${limitMs / 1000} s`);
      });
    } catch (error) {
      throw withExplanation('hive', place, lost ?? error);
    }
  }

  const opening = openHiveSession(client, at, database).catch((error: unknown) => {
    throw error instanceof Error ? error : new Error(messageOf(error), { cause: error });
  });
  const session = await call('connecting', opening, CONNECT_LIMIT_MS);
  const utils = new HiveUtils(types);

  async function run(statement: string, signal?: AbortSignal): Promise<unknown[]> {
    const end = performance.now() + STATEMENT_LIMIT_MS;
    signal?.throwIfAborted();
    if (lost) throw lost;
    const begun = session.executeStatement(statement, { runAsync: true });
    const limitMs = statement.startsWith('dfs ') ? DFS_LIMIT_MS : CALL_LIMIT_MS;
    const operation = await call('a statement', begun, limitMs).catch((error: unknown) => {
      if (error instanceof HiveLostError) throw error;
      throw withExplanation('hive', place, new HiveStatementError(messageOf(error), { cause: error }));
    });
    const cancel = (): void => void call('cancelling', operation.cancel()).catch(() => {});
    signal?.addEventListener('abort', cancel);
    try {
      if (signal?.aborted) cancel();
      for (;;) {
        const { operationState: state, errorMessage } = await call('a statement', operation.status(false));
        if (state === types.TOperationState.FINISHED_STATE) break;
        if (!RUNNING.has(state as number)) {
          throw withExplanation('hive', place, new HiveStatementError(errorMessage ?? `ended in state ${state}`));
        }
        if (performance.now() > end) throw new HiveStatementError(`not done after ${STATEMENT_LIMIT_MS / 1000} s`);
      }
      await call('fetching', utils.fetchAll(operation));
      return utils.getResult(operation).getValue() ?? [];
    } finally {
      signal?.removeEventListener('abort', cancel);
      if (!lost) await call('closing a statement', operation.close()).catch(() => {});
    }
  }

  return {
    execute: async (statement) => void (await run(statement)),
    rows: async <Row>(statement: string, signal?: AbortSignal) => (await run(statement, signal)) as Row[],
    async close() {
      closing = true;
      if (lost) return;
      await call('closing', session.close(), 5_000).catch(() => {});
      const closed = once(client, 'close').catch(() => {});
      client.close();
      // Over HTTP there is a connection for each request, and none to wait for.
      if (at.transport === 'binary') await call('closing', closed, 5_000).catch(() => {});
    },
  };
}

/** A count that the statement casts to STRING. */
export const hiveCount = z.string().regex(/^\d+$/).transform(Number).pipe(count);

/** All rows of a small result, each as its schema has it; throws an error that names query, row and column otherwise. */
export async function hiveRowsOf<Schema extends z.ZodType>(
  hive: Pick<Hive, 'rows'>,
  schema: Schema,
  template: string,
  values: Record<string, HiveValue> = {},
): Promise<z.output<Schema>[]> {
  return parsedRows(schema, await hive.rows(fillHive(template, values)), template);
}

/** Opens a session, runs the work in it, and closes it. */
export async function withHive<T>(
  at: HiveAddress,
  log: Log,
  work: (hive: Hive) => Promise<T>,
  database?: string,
): Promise<T> {
  const hive = await connectHive(at, log, database);
  return work(hive).finally(() => hive.close());
}

const RUNNING = new Set<number>([
  types.TOperationState.INITIALIZED_STATE,
  types.TOperationState.PENDING_STATE,
  types.TOperationState.RUNNING_STATE,
]);

/** The driver's own StatusError is not an Error. */
const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
