import { type Cut, missing } from '../../domain/cut.ts';
import { topicOf } from '../../domain/names.ts';
import { committedOffsetsOf, endOffsetsOf } from '../../infra/clients/kafka.ts';
import { type WaitOptions, waitUntil } from '../../infra/wait.ts';
import { requestFlush } from '../archive/requests.ts';
import { chainEnds } from '../archive/totals.ts';
import type { BatchEngines } from './engines.ts';
import type { RunFile } from './run_files.ts';

const STALL_MS = 180_000;

/** The current end of every topic, and of the archive of topics removed from the settings. */
export async function cutNow({ admin, archiveDir, topics }: BatchEngines): Promise<Cut> {
  return { ...chainEnds(archiveDir), ...Object.fromEntries(await endOffsetsOf(admin, topics.clicks)) };
}

/**
 * Requests the archive to write up to the cut, and waits until it has.
 * @param name of the request; one with the same name is replaced
 */
export async function archiveReached(engines: BatchEngines, cut: Cut, name: string): Promise<void> {
  const { archiveDir } = engines;
  const takeBack = requestFlush(archiveDir, name, cut);
  try {
    const ask = async () => left(missing(chainEnds(archiveDir), cut));
    await waitUntil('the archive role to write up to the cut', ask, waiting(engines));
  } finally {
    takeBack();
  }
}

/** Waits until the real-time path has counted up to the cut; topics removed from the settings are not counted. */
export async function sinkReached(engines: BatchEngines, cut: Cut): Promise<void> {
  const { admin, sinkGroup, topics } = engines;
  const awaited = Object.fromEntries(Object.entries(cut).filter(([name]) => topics.clicks.includes(topicOf(name))));
  const ask = async () => {
    const committed = await committedOffsetsOf(admin, sinkGroup, topics.clicks);
    const reached = Object.fromEntries([...committed].map(([name, { offset }]) => [name, offset]));
    return left(missing(reached, awaited));
  };
  await waitUntil('the realtime role to count up to the cut', ask, waiting(engines));
}

/** Waits until every click before a run's cut is in the archive, and counted in real time. */
export async function clicksArrived(engines: BatchEngines, { day, run, cut }: RunFile): Promise<void> {
  await archiveReached(engines, cut, `${day}-r${run}`);
  await sinkReached(engines, cut);
}

const left = (messages: number): string | null => (messages === 0 ? null : `${messages} messages to go`);

const waiting = ({ log, signal }: BatchEngines): WaitOptions => ({
  stallMs: STALL_MS,
  everyMs: 250,
  onProgress: (line) => log.info(line),
  signal,
});
