import type { Config } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';
import { readOnlyStore } from './checkpoint.ts';
import { logPattern } from './discover.ts';
import { Follower } from './log_files.ts';
import { FileProblems } from './report.ts';

/**
 * Bytes of log files after the last checkpoint, found as a newly started log monitor would find them; works also while
 * none runs. Nothing is written. (A deleted file is visible only to the monitor that holds it open.)
 */
export async function unreadBytes(
  { dataDir, logGlob, hostId }: Pick<Config, 'dataDir' | 'logGlob' | 'hostId'>,
  nowMs: number,
): Promise<number> {
  const log = createLog('status');
  log.level = 'silent';
  // The topic is not used: nothing is sent.
  const options = { pattern: logPattern(logGlob, dataDir), hostId, quietMs: 0, topic: '', warn: () => {} };
  const follower = new Follower(readOnlyStore(dataDir), options, new FileProblems(log), log);
  await follower.look(nowMs);
  const bytes = follower.unreadBytes;
  follower.close();
  return bytes;
}
