import type { Config } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';
import { readOnlyStore } from './checkpoint.ts';
import { logPattern } from './discover.ts';
import type { FileId } from './generation.ts';
import { Follower } from './log_files.ts';
import { FileProblems } from './report.ts';

type Places = Pick<Config, 'dataDir' | 'logGlob'>;

/**
 * Log files as a newly started log monitor would find them; works also while none runs. Nothing is written. (A deleted file
 * is visible only to the monitor that holds it open.)
 */
async function withLogs<T>({ dataDir, logGlob }: Places, nowMs: number, work: (follower: Follower) => T): Promise<T> {
  const log = createLog('status');
  log.level = 'silent';
  // Neither host nor topic is used: nothing is sent.
  const options = { pattern: logPattern(logGlob, dataDir), hostId: '', quietMs: 0, topic: '', warn: () => {} };
  const follower = new Follower(readOnlyStore(dataDir), options, new FileProblems(log), log);
  await follower.look(nowMs);
  try {
    return work(follower);
  } finally {
    follower.close();
  }
}

/** Bytes of log files after the last checkpoint. */
export const unreadBytes = (places: Places, nowMs: number): Promise<number> =>
  withLogs(places, nowMs, ({ unreadBytes }) => unreadBytes);

/** The file that each generation is in now; of one that is in none, there is none. */
export const filesNow = (places: Places, nowMs: number): Promise<Map<string, { path: string; file: FileId }>> =>
  withLogs(places, nowMs, (follower) => {
    const found = [...follower.files(nowMs)];
    return new Map(found.map(({ tail: { id, path, file } }) => [id, { path, file }]));
  });
