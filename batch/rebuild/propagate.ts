import { mkdirSync } from 'node:fs';
import { minutesIndex, minutesIndexes, minutesName, runSource } from '../../domain/names.ts';
import type { Hive } from '../../infra/clients/hive.ts';
import { fillHive, hiveDay, hiveLocation } from '../../infra/hive_statement.ts';
import { sql } from '../../infra/sql.ts';
import { waitUntil } from '../../infra/wait.ts';
import { DayBusyError } from '../day/lock.ts';
import { type BatchEngines, withBatchHive } from '../run/engines.ts';
import { isInHive } from '../run/hive_ledger.ts';
import { holdDay } from '../run/hold_day.ts';
import { type BatchRun, batchRuns, type CurrentRun, currentRuns } from '../run/ledger.ts';
import { bringAllToClickHouse } from '../run/ledger_copies.ts';
import { currentEvent, eventsIn } from '../run/ledger_row.ts';
import { followedSeq, runFolder, runNumbers, writeFollowedSeq } from '../run/run_files.ts';
import { openRunsQueue } from './send.ts';

const SQL = {
  add: sql('hive/rebuild/add_current.sql'),
  move: sql('hive/rebuild/move_current.sql'),
  drop: sql('hive/rebuild/drop_current.sql'),
};

const ALIAS_STALL_MS = 180_000;

/**
 * Points the alias (through the indexer) and Hive's location of a day to the ledger's run, and returns when both are
 * done. Idempotent. Requires the day's lock; a process that has lost it without noticing may have moved them back to an
 * older run, so it looks again afterwards.
 */
export async function followLedger(engines: BatchEngines, day: string): Promise<void> {
  for (;;) {
    const current = await currentOf(engines, day);
    if (current === null) return;
    const isOver = async (): Promise<boolean> => (await currentOf(engines, day))?.seq !== current.seq;
    await announce(engines, [current]);
    await withBatchHive(engines, (hive) => moveInHive(hive, engines.archiveDir, current));
    await aliasMoved(engines, current, isOver);
    writeFollowedSeq(engines.archiveDir, day, current.seq);
    if (!(await isOver())) return;
  }
}

/** What the register says that the day is answered from; null: never published. */
async function currentOf({ register }: BatchEngines, day: string): Promise<CurrentRun | null> {
  const event = currentEvent(await eventsIn(register, day));
  return event === undefined ? null : { day, run: event.run, cut: event.cut, seq: event.seq };
}

/**
 * Repairs what a kill left between the ledger's event and its followers. Requires the day's lock. If that fails, the day
 * stays recorded as lagging, and can still be published again.
 */
export async function followIfBehind(engines: BatchEngines, day: string): Promise<void> {
  const { archiveDir, log, signal } = engines;
  const current = await currentOf(engines, day);
  if (current === null || followedSeq(archiveDir, day) >= current.seq) return;
  try {
    await followLedger(engines, day);
    log.info({ day, run: current.run }, 'brought to the ledger');
  } catch (error) {
    signal.throwIfAborted();
    log.error({ err: error, day, run: current.run }, 'not brought to the ledger; tried again with the next publish');
  }
}

/**
 * Brings the copies of the ledger forward, and what follows it, for all days. The alias is announced for every day, which
 * costs a message each; a day whose last publish was not recorded as followed is repaired, unless it is locked by a
 * process that does that as well.
 */
export async function repairPublished(engines: BatchEngines): Promise<void> {
  await bringAllToClickHouse(engines);
  const published = [...(await currentRuns(engines.clickhouse)).values()];
  // The files of a run are in the archive it was begun in.
  const days = published.filter(({ day }) => runNumbers(engines.archiveDir, day).length > 0);
  await repairHiveLedgers(engines);
  await announce(engines, days);
  for (const { day, seq } of days) {
    if (followedSeq(engines.archiveDir, day) < seq) await unlessBusy(engines, day, () => followIfBehind(engines, day));
  }
}

/** Updates Hive's copy of each day of this archive that is behind. */
async function repairHiveLedgers(engines: BatchEngines): Promise<void> {
  const { archiveDir, clickhouse } = engines;
  const runs = new Map<string, BatchRun[]>();
  for (const run of await batchRuns(clickhouse, null)) runs.set(run.day, [...(runs.get(run.day) ?? []), run]);
  for (const [day, ofDay] of runs) {
    if (runNumbers(archiveDir, day).length === 0 || isInHive(archiveDir, day, ofDay)) continue;
    await unlessBusy(engines, day, async () => {});
  }
}

/** Holding a day brings its copies forward. A process that holds it already does that itself. */
async function unlessBusy(engines: BatchEngines, day: string, work: () => Promise<void>): Promise<void> {
  try {
    await holdDay(engines, day, work);
  } catch (error) {
    if (!(error instanceof DayBusyError)) throw error;
  }
}

async function announce({ admin, producer, topics }: BatchEngines, days: CurrentRun[]): Promise<void> {
  const queue = await openRunsQueue(admin, producer, topics.adMinutes);
  for (const { day, run, seq } of days) await queue.send({ kind: 'run-current', day, run, seq });
  await queue.flush();
}

/**
 * The indexer moves the alias when it reads the announcement. A run whose index was given up is in no alias.
 * @param isOver whether another run is published by now, which the indexer goes to instead
 */
async function aliasMoved(
  { elasticsearch, event, log, signal }: BatchEngines,
  { day, run }: CurrentRun,
  isOver: () => Promise<boolean>,
): Promise<void> {
  const right = minutesIndex(event, day, run === 0 ? 'rt' : runSource(run));
  const ask = async (): Promise<string | null> => {
    const indexes = await elasticsearch.indices.getAlias({ index: minutesIndexes(event, day) });
    const shown = Object.keys(indexes).filter((index) => minutesName(event) in (indexes[index]?.aliases ?? {}));
    const isRight = shown.join() === (right in indexes ? right : '');
    return isRight || (await isOver()) ? null : `it shows ${shown.join(', ') || 'none of the day'}`;
  };
  await waitUntil(`the indexer role to move the alias of ${day}, which the ledger has published, to ${right}`, ask, {
    stallMs: ALIAS_STALL_MS,
    everyMs: 50,
    onProgress: (line) => log.info(line),
    signal,
  });
}

/** Points Hive's location of a day to a run. */
export async function moveInHive(
  hive: Pick<Hive, 'execute'>,
  archiveDir: string,
  current: Pick<CurrentRun, 'day' | 'run'>,
): Promise<void> {
  const values = { day: hiveDay(current.day) };
  if (current.run === 0) return hive.execute(fillHive(SQL.drop, values));
  const folder = runFolder(archiveDir, current.day, current.run);
  mkdirSync(folder, { recursive: true });
  const located = { ...values, location: hiveLocation(folder) };
  await hive.execute(fillHive(SQL.add, located));
  await hive.execute(fillHive(SQL.move, located));
}
