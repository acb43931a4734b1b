import { DAYS_ID, stateIndexOf } from '../../domain/names.ts';
import { waitUntil } from '../../infra/wait.ts';
import { openRunsQueue } from '../rebuild/send.ts';
import type { BatchEngines } from '../run/engines.ts';

const STALL_MS = 180_000;

/** Tells the indexer to give up the real-time counts of the days, which are then answered from ClickHouse. */
export async function giveUpRealtime(
  { admin, producer, topics }: Pick<BatchEngines, 'admin' | 'producer' | 'topics'>,
  days: string[],
): Promise<void> {
  const queue = await openRunsQueue(admin, producer, topics.adMinutes);
  await queue.send({ kind: 'realtime-given-up', days });
  await queue.flush();
}

/**
 * The same, and returns when Elasticsearch has done so: there a document's count is its version, so a count that a
 * replay reduces would be ignored.
 */
export async function realtimeGivenUp(engines: BatchEngines, days: string[]): Promise<void> {
  const { elasticsearch, event, log, signal } = engines;
  await giveUpRealtime(engines, days);
  const ask = async (): Promise<string | null> => {
    const { _source } = await elasticsearch.get<{ given_up: string[] }>({ index: stateIndexOf(event), id: DAYS_ID });
    const givenUp = new Set(_source?.given_up);
    const waiting = days.filter((day) => !givenUp.has(day)).length;
    return waiting === 0 ? null : `${waiting} days to go`;
  };
  const onProgress = (line: string) => log.info(line);
  await waitUntil('the indexer role to give the days up', ask, { stallMs: STALL_MS, onProgress, signal });
}
