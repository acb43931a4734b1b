import { DAYS_ID, stateIndexOf } from '../../domain/names.ts';
import { waitUntil } from '../../infra/wait.ts';
import { openRunsQueue } from '../rebuild/send.ts';
import type { BatchEngines } from '../run/engines.ts';

const STALL_MS = 180_000;

/**
 * Makes Elasticsearch give up the real-time counts of the days, so that they are answered from ClickHouse: in
 * Elasticsearch a document's count is its version, so a count that a replay reduces would be ignored.
 */
export async function sendGiveUpRealtime(engines: BatchEngines, days: string[]): Promise<void> {
  const { admin, producer, elasticsearch, event, topics, log, signal } = engines;
  const queue = await openRunsQueue(admin, producer, topics.adMinutes);
  await queue.send({ kind: 'realtime-given-up', days });
  await queue.flush();
  const ask = async (): Promise<string | null> => {
    const { _source } = await elasticsearch.get<{ given_up: string[] }>({ index: stateIndexOf(event), id: DAYS_ID });
    const givenUp = new Set(_source?.given_up);
    const waiting = days.filter((day) => !givenUp.has(day)).length;
    return waiting === 0 ? null : `${waiting} days to go`;
  };
  const onProgress = (line: string) => log.info(line);
  await waitUntil('the indexer role to give the days up', ask, { stallMs: STALL_MS, onProgress, signal });
}
