import { type Cut, missing } from '../../domain/cut.ts';
import { committedOffsetsOf, endOffsetsOf } from '../../infra/clients/kafka.ts';
import { readPartitionNames } from '../../infra/register/partition_names.ts';
import { type WaitOptions, waitUntil } from '../../infra/wait.ts';
import { requestFlush } from '../archive/requests.ts';
import { chainEnds } from '../archive/totals.ts';
import type { BatchEngines } from './engines.ts';
import type { RunFile } from './run_files.ts';

const STALL_MS = 180_000;

type Logs = Pick<BatchEngines, 'admin' | 'register'> & { topics: Pick<BatchEngines['topics'], 'clicks'> };

/** The current end of every log in Kafka. */
export async function endsNow({ admin, register, topics }: Logs): Promise<Cut> {
  return Object.fromEntries(await endOffsetsOf(admin, topics.clicks, await readPartitionNames(register)));
}

/** The offsets below which everything is counted in real time; a log of which nothing is counted yet is absent. */
export async function countedNow({
  admin,
  register,
  topics,
  sinkGroup,
}: Logs & Pick<BatchEngines, 'sinkGroup'>): Promise<Cut> {
  const committed = await committedOffsetsOf(admin, sinkGroup, topics.clicks, await readPartitionNames(register));
  return Object.fromEntries([...committed].map(([name, { offset }]) => [name, offset]));
}

/**
 * The current end of every log, also of topics removed from the settings, and of logs that go on under another name.
 * What is archived is not cut off again where Kafka has lost the end of a log.
 */
export async function cutNow(engines: BatchEngines): Promise<Cut> {
  const cut = chainEnds(engines.archiveDir);
  for (const [name, end] of Object.entries(await endsNow(engines))) cut[name] = Math.max(end, cut[name] ?? 0);
  return cut;
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
  const counted = new Set(Object.keys(await endsNow(engines)));
  const awaited = Object.fromEntries(Object.entries(cut).filter(([name]) => counted.has(name)));
  const ask = async () => left(missing(await countedNow(engines), awaited));
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
