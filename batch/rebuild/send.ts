import { errors } from '@elastic/elasticsearch';
import { type AdMinute, type AdMinutesMessage, encodeMessage, runsPartition } from '../../domain/ad_minutes.ts';
import type { FilterRevision } from '../../domain/filter_revision.ts';
import { minutesIndex, runSource } from '../../domain/names.ts';
import type { ElasticsearchClient } from '../../infra/clients/elasticsearch.ts';
import type { Admin, Producer } from '../../infra/clients/kafka.ts';
import type { MinuteTotals } from './output.ts';
import type { RunFile } from './run_files.ts';

const ROWS_IN_MESSAGE = 1_000;
/** The messages of one send become one batch, which a broker takes up to 1 MB of. */
const SEND_BYTES = 512 * 1024;

/** Writes to the partition of `ad-minutes` that runs have to themselves, in order. */
interface RunsQueue {
  send(message: AdMinutesMessage): Promise<void>;
  /** Waits until everything is acknowledged. */
  flush(): Promise<void>;
}

export async function openRunsQueue(admin: Admin, producer: Producer, topic: string): Promise<RunsQueue> {
  const partition = runsPartition((await admin.fetchTopicOffsets(topic)).length);
  let waiting: { partition: number; value: string }[] = [];
  let bytes = 0;
  async function flush(): Promise<void> {
    if (waiting.length === 0) return;
    const messages = waiting;
    [waiting, bytes] = [[], 0];
    await producer.send({ topic, messages, acks: -1 });
  }
  return {
    flush,
    async send(message) {
      const value = encodeMessage(message);
      if (bytes + value.length > SEND_BYTES) await flush();
      waiting.push({ partition, value });
      bytes += value.length;
    },
  };
}

/** Rows of one kind: of all clicks, or of those that a registered filter lets through. */
export interface RunRows {
  filter: FilterRevision | null;
  chunks: AsyncIterable<AdMinute[]>;
}

/** Sends a run's rows and, behind them, how many there are. */
export async function sendRun(
  queue: RunsQueue,
  { day, run }: Pick<RunFile, 'day' | 'run'>,
  all: RunRows[],
  totals: MinuteTotals,
): Promise<void> {
  const source = runSource(run);
  for (const { filter, chunks } of all) {
    const of = { kind: 'minutes' as const, day, source, ...(filter && { filter }) };
    let rows: AdMinute[] = [];
    for await (const chunk of chunks) {
      rows.push(...chunk);
      while (rows.length >= ROWS_IN_MESSAGE) {
        await queue.send({ ...of, rows: rows.slice(0, ROWS_IN_MESSAGE) });
        rows = rows.slice(ROWS_IN_MESSAGE);
      }
    }
    if (rows.length > 0) await queue.send({ ...of, rows });
  }
  await queue.send({ kind: 'run-complete', day, run, ...totals });
  await queue.flush();
}

/** What the run's index holds; null while there is none. */
export async function indexedTotals(
  elasticsearch: ElasticsearchClient,
  { day, run }: Pick<RunFile, 'day' | 'run'>,
): Promise<MinuteTotals | null> {
  const index = minutesIndex(day, runSource(run));
  try {
    await elasticsearch.indices.refresh({ index });
    const { hits, aggregations } = await elasticsearch.search<unknown, { clicks: { value: number } }>({
      index,
      size: 0,
      track_total_hits: true,
      aggs: { clicks: { sum: { field: 'clicks' } } },
    });
    const documents = typeof hits.total === 'number' ? hits.total : (hits.total?.value ?? 0);
    return { documents, clicks: aggregations?.clicks.value ?? 0 };
  } catch (error) {
    if (error instanceof errors.ResponseError && error.statusCode === 404) return null;
    throw error;
  }
}
