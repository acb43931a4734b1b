import type { BatchEngines } from './engines.ts';
import * as ledger from './ledger.ts';
import { runNumbers } from './run_files.ts';

/**
 * Days whose last run is blocked by reconciliation, in order. The files of a run are in the archive it was begun in.
 */
export async function daysStillBlocked({
  archiveDir,
  clickhouse,
}: Pick<BatchEngines, 'archiveDir' | 'clickhouse'>): Promise<string[]> {
  const days = await ledger.blockedDays(clickhouse);
  return days.filter((day) => runNumbers(archiveDir, day).length > 0);
}
