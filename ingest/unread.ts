import type { Config } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';
import { readCheckpoints } from './checkpoint.ts';
import { logPattern } from './discover.ts';
import { Follower } from './log_files.ts';
import { FileProblems } from './report.ts';

/**
 * Bytes of log files that no checkpoint has passed, found as a log monitor finds them that starts now; so also while
 * none runs. Nothing is written. (A file that was deleted is known to the monitor that holds it open alone.)
 */
export async function unreadBytes(
  { dataDir, logGlob, hostId }: Pick<Config, 'dataDir' | 'logGlob' | 'hostId'>,
  nowMs: number,
): Promise<number> {
  const { records } = readCheckpoints(dataDir);
  const readOnly = { all: () => [...records.values()], save: async () => {} };
  const log = createLog('status');
  log.level = 'silent';
  // What a new file would be sent to is of no interest here: nothing is sent.
  const options = { pattern: logPattern(logGlob, dataDir), hostId, quietMs: 0, topic: '' };
  const follower = new Follower(readOnly, options, new FileProblems(log), log);
  await follower.look(nowMs);
  const bytes = follower.unreadBytes;
  follower.close();
  return bytes;
}
