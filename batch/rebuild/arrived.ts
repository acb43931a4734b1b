import { committedOffsets, endOffsets } from '../../infra/clients/kafka.ts';
import { type WaitOptions, waitUntil } from '../../infra/wait.ts';
import { requestFlush } from '../archive/requests.ts';
import { chainEnds } from '../archive/totals.ts';
import { type Cut, cutOf, missing } from '../cut.ts';
import type { BatchEngines } from './engines.ts';

const STALL_MS = 180_000;

/** Behind everything that is in the topic now. */
export async function cutNow({ admin, topics }: BatchEngines): Promise<Cut> {
  return cutOf(topics.clicks, await endOffsets(admin, topics.clicks));
}

/**
 * Has the archive write up to the cut, and waits until it did.
 * @param name of the request; one of the same name is replaced
 */
export async function archiveReached(engines: BatchEngines, cut: Cut, name: string): Promise<void> {
  const { archiveDir, topics } = engines;
  const takeBack = requestFlush(archiveDir, name, cut);
  try {
    const ask = async () => left(missing(chainEnds(archiveDir, topics.clicks), cut));
    await waitUntil('the archive role to write up to the cut', ask, waiting(engines));
  } finally {
    takeBack();
  }
}

/** Waits until the real-time path has counted up to the cut. */
export async function sinkReached(engines: BatchEngines, cut: Cut): Promise<void> {
  const { admin, sinkGroup, topics } = engines;
  const ask = async () => {
    const committed = await committedOffsets(admin, sinkGroup, topics.clicks);
    const offsets = new Map([...committed].map(([partition, { offset }]) => [partition, offset]));
    return left(missing(cutOf(topics.clicks, offsets), cut));
  };
  await waitUntil('the realtime role to count up to the cut', ask, waiting(engines));
}

const left = (messages: number): string | null => (messages === 0 ? null : `${messages} messages to go`);

const waiting = ({ log, signal }: BatchEngines): WaitOptions => ({
  stallMs: STALL_MS,
  everyMs: 250,
  onProgress: (line) => log.info(line),
  signal,
});
