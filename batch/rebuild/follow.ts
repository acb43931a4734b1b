import { mkdirSync } from 'node:fs';
import type { Hive } from '../../infra/clients/hive.ts';
import { sql } from '../../infra/sql.ts';
import { isInHive, writeHiveLedger } from '../hive_ledger.ts';
import { day, fill, location } from '../hive_statement.ts';
import { type BatchRun, batchRuns, type CurrentRun, currentRuns } from '../ledger.ts';
import { type BatchEngines, withHive } from './engines.ts';
import { DayBusyError, lockDay } from './lock.ts';
import { followedSeq, runFolder, runNumbers, writeFollowedSeq } from './run_files.ts';
import { openRunsQueue } from './send.ts';

const SQL = {
  add: sql('hive/rebuild/add_current.sql'),
  move: sql('hive/rebuild/move_current.sql'),
  drop: sql('hive/rebuild/drop_current.sql'),
};

/** Brings the alias (through the indexer) and Hive's location of days to what the ledger says. May be repeated. */
export async function followLedger(engines: BatchEngines, days: CurrentRun[]): Promise<void> {
  if (days.length === 0) return;
  await announce(engines, days);
  await withHive(engines, async (hive) => {
    for (const current of days) {
      await moveInHive(hive, engines.archiveDir, current);
      writeFollowedSeq(engines.archiveDir, current.day, current.seq);
    }
  });
}

/**
 * For what a kill left between the ledger and its followers. The alias is announced for every day, which costs a message
 * each; in Hive only those days are moved whose last publish is not on record as followed.
 */
export async function repairPublished(engines: BatchEngines): Promise<void> {
  const published = [...(await currentRuns(engines.clickhouse)).values()];
  // The files of a run lie in the archive it was begun in.
  const days = published.filter(({ day }) => runNumbers(engines.archiveDir, day).length > 0);
  const behind = days.filter(({ day, seq }) => followedSeq(engines.archiveDir, day) < seq);
  await repairHiveLedgers(engines);
  await announce(engines, days);
  await followLedger(engines, behind);
  if (behind.length > 0) engines.log.info({ days: behind.map(({ day }) => day) }, 'brought to the ledger');
}

/** Brings Hive's copy of the day's ledger to the ledger. Only for the holder of the day's lock. */
export async function repairHiveLedger({ archiveDir, clickhouse }: BatchEngines, day: string): Promise<void> {
  const runs = await batchRuns(clickhouse, day);
  if (runs.length > 0 && !isInHive(archiveDir, day, runs)) writeHiveLedger(archiveDir, day, runs);
}

/** The same for every day of this archive; whoever works on a day does it himself. */
async function repairHiveLedgers(engines: BatchEngines): Promise<void> {
  const { archiveDir, clickhouse } = engines;
  const runs = new Map<string, BatchRun[]>();
  for (const run of await batchRuns(clickhouse, null)) runs.set(run.day, [...(runs.get(run.day) ?? []), run]);
  for (const [day, ofDay] of runs) {
    if (runNumbers(archiveDir, day).length === 0 || isInHive(archiveDir, day, ofDay)) continue;
    try {
      const lock = lockDay(archiveDir, day);
      await repairHiveLedger(engines, day).finally(() => lock.release());
    } catch (error) {
      if (!(error instanceof DayBusyError)) throw error;
    }
  }
}

async function announce({ admin, producer, topics }: BatchEngines, days: CurrentRun[]): Promise<void> {
  const queue = await openRunsQueue(admin, producer, topics.adMinutes);
  for (const { day, run, seq } of days) await queue.send({ kind: 'run-current', day, run, seq });
  await queue.flush();
}

async function moveInHive(hive: Hive, archiveDir: string, current: CurrentRun): Promise<void> {
  const values = { day: day(current.day) };
  if (current.run === 0) return hive.execute(fill(SQL.drop, values));
  const folder = runFolder(archiveDir, current.day, current.run);
  mkdirSync(folder, { recursive: true });
  const located = { ...values, location: location(folder) };
  await hive.execute(fill(SQL.add, located));
  await hive.execute(fill(SQL.move, located));
}
