import { errors } from '@elastic/elasticsearch';
import {
  type AdMinute,
  type AdMinutesMessage,
  encodeMessage,
  runsPartition,
  type Totals,
} from '../../domain/ad_minutes.ts';
import type { FilterRevision } from '../../domain/filters/filter_revision.ts';
import { runSource } from '../../domain/names.ts';
import type { ElasticsearchClient } from '../../infra/clients/elasticsearch.ts';
import type { Admin, Producer } from '../../infra/clients/kafka.ts';
import type { RunFile } from '../run/run_files.ts';
import { checkHours } from './hours.ts';

const ROWS_IN_MESSAGE = 1_000;
/** Messages per send form one batch, which the broker limits to 1 MB. */
const SEND_BYTES = 512 * 1024;

/** Writes to the runs' own partition of `ad-minutes`, in order. */
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

/** Rows of one kind: of all clicks, or of those that a registered filter matches. */
export interface RunRows {
  filter: FilterRevision | null;
  chunks: AsyncIterable<AdMinute[]>;
}

/**
 * Sends a run's minutes, its hours and finally the totals. Returns the totals of the hours.
 * @param totals of the minutes: of all rows, and of those for all clicks, from which the hours are made
 */
export async function sendRun(
  queue: RunsQueue,
  { day, run }: Pick<RunFile, 'day' | 'run'>,
  { minutes, hours }: { minutes: RunRows[]; hours: AsyncIterable<AdMinute[]> },
  totals: { all: Totals; ofAllClicks: Totals },
): Promise<Totals> {
  const source = runSource(run);
  for (const { filter, chunks } of minutes) {
    const of = { kind: 'minutes' as const, day, source, ...(filter && { filter }) };
    await inMessages(chunks, (rows) => queue.send({ ...of, rows }));
  }
  await queue.flush();
  const ofHours = await inMessages(hours, (rows) => queue.send({ kind: 'hours', day, run, rows }));
  checkHours({ day, run }, ofHours, totals.ofAllClicks);
  await queue.send({ kind: 'run-complete', day, run, ...totals.all, hours: ofHours });
  await queue.flush();
  return ofHours;
}

async function inMessages(
  chunks: AsyncIterable<AdMinute[]>,
  send: (rows: AdMinute[]) => Promise<void>,
): Promise<Totals> {
  const totals = { documents: 0, clicks: 0 };
  let rows: AdMinute[] = [];
  for await (const chunk of chunks) {
    for (const row of chunk) {
      rows.push(row);
      totals.documents += 1;
      totals.clicks += row[3];
      if (rows.length < ROWS_IN_MESSAGE) continue;
      await send(rows);
      rows = [];
    }
  }
  if (rows.length > 0) await send(rows);
  return totals;
}

/** Totals of a run's index; null while it does not exist. */
export async function indexedTotals(elasticsearch: ElasticsearchClient, index: string): Promise<Totals | null> {
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
