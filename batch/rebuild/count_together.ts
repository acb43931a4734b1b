import { z } from 'zod';
import type { Cut } from '../../domain/cut.ts';
import { day } from '../../domain/fields.ts';
import { type Hive, HiveStatementError, hiveCount, hiveRowsOf } from '../../infra/clients/hive.ts';
import { fillHive, type HiveValue, hiveDay, hiveJoined, offsetsByDay, pieceOf } from '../../infra/hive_statement.ts';
import { sql } from '../../infra/sql.ts';
import { withReadable } from '../archive/cold/readable.ts';
import { type DuckDBConnection, MEMORY_MB, withDuck } from '../archive/files/duckdb.ts';
import { repair } from '../archive/files/layout.ts';
import { type Manifest, manifestsOf } from '../archive/files/manifest.ts';
import { addDays } from '../archive/hive_days.ts';
import { type BatchEngines, withBatchHive } from '../run/engines.ts';
import { RunFailedError } from '../run/failure.ts';
import { inputFiles } from '../run/inputs.ts';
import { type HiveTotals, type RunFile, writeCounted } from '../run/run_files.ts';
import { addRun, type CheckedRun, checkedRun, completed, partitionOf, SESSION } from './count.ts';

const SQL = {
  count: sql('hive/rebuild/count_together.sql'),
  insert: sql('hive/rebuild/insert_day.sql'),
  totalsTable: sql('hive/rebuild/day_totals.sql'),
  readTotals: sql('hive/rebuild/read_day_totals.sql'),
};

/** A run that was begun, of a day that this process holds. */
export interface BegunRun {
  run: RunFile;
  /** The cut of the run published before; null for the day's first. */
  previousCut: Cut | null;
}

type Checked = BegunRun & CheckedRun;

/**
 * Makes Hive count many small runs by one statement: its fixed cost of some seconds is paid once. Each run has its count
 * on record afterwards, as if it had been counted alone, and is finished like any other. If Hive refuses the statement,
 * each half is counted anew; a run that is left alone, or whose inputs are bad, is left to its own count, which says why.
 */
export async function countTogether(engines: BatchEngines, runs: readonly BegunRun[]): Promise<void> {
  const { archiveDir, log } = engines;
  repair(archiveDir, log);
  const manifests = manifestsWith(archiveDir, new Set(runs.map(({ run }) => run.day)));
  const files = runs.flatMap(({ run }) => inputFiles(manifests, run.day, run.cut));
  const scratch = `together-${runs[0]?.run.day}`;
  const viaHive = <R>(work: (hive: Hive) => Promise<R>) => withBatchHive(engines, work);
  await withReadable({ archiveDir, scratch }, files, viaHive, (readable) =>
    withDuck(archiveDir, MEMORY_MB, async (duck) => {
      const checked: Checked[] = [];
      for (const begun of runs) {
        const own = readable.filter((file) => file.day === begun.run.day);
        try {
          const one = await checkedRun(engines, duck, begun.run, own);
          if (one.inputs.rows > 0) checked.push({ ...begun, ...one });
        } catch (error) {
          if (!(error instanceof RunFailedError)) throw error;
        }
      }
      await countHalves(engines, duck, checked);
    }),
  );
}

const manifestsWith = (archiveDir: string, days: ReadonlySet<string>): Manifest[] => {
  const found: Manifest[] = [];
  for (const manifest of manifestsOf(archiveDir)) {
    if (manifest.files.some((file) => days.has(file.day))) found.push(manifest);
  }
  return found;
};

async function countHalves(engines: BatchEngines, duck: DuckDBConnection, runs: Checked[]): Promise<void> {
  const { archiveDir, log } = engines;
  if (runs.length < 2) return;
  const days = runs.map(({ run }) => run.day);
  let totals: Map<string, HiveTotals>;
  try {
    totals = await countInHive(engines, runs);
  } catch (error) {
    if (!(error instanceof HiveStatementError)) throw error;
    log.warn({ err: error, days }, `Hive does not count ${days.length} days together: halves of them are tried`);
    const middle = Math.ceil(runs.length / 2);
    await countHalves(engines, duck, runs.slice(0, middle));
    await countHalves(engines, duck, runs.slice(middle));
    return;
  }
  for (const checked of runs) {
    const ofDay = totals.get(checked.run.day);
    if (ofDay) writeCounted(archiveDir, checked.run, await completed(engines, duck, checked, ofDay));
  }
  log.info({ days: days.length, first: days.at(-1), last: days[0] }, 'counted together');
}

const dayTotals = z.object({
  day,
  documents: hiveCount,
  clicks: hiveCount,
  archived: hiveCount,
  late_included: hiveCount,
});

function countInHive(engines: BatchEngines, runs: Checked[]): Promise<Map<string, HiveTotals>> {
  const { archiveDir } = engines;
  const days = runs.map(({ run }) => run.day);
  return withBatchHive(engines, async (hive) => {
    for (const { run } of runs) await addRun(hive, archiveDir, run);
    await addDays(hive, archiveDir, days);
    for (const setting of SESSION) await hive.execute(setting);
    await hive.execute(fillHive(SQL.totalsTable, {}));
    return engines.turns.run(engines.event, async () => {
      await hive.execute(statement(runs));
      const counted = await hiveRowsOf(hive, dayTotals, SQL.readTotals);
      return new Map(counted.map(({ day, ...totals }) => [day, totals]));
    });
  });
}

function statement(runs: Checked[]): string {
  const cutOf = (of: (one: Checked) => Cut): HiveValue =>
    offsetsByDay(new Map(runs.map((one) => [one.run.day, of(one)])));
  return fillHive(SQL.count, {
    days: hiveJoined(
      runs.map(({ run }) => hiveDay(run.day)),
      ', ',
    ),
    cut: cutOf(({ run }) => run.cut),
    previous_cut: cutOf(({ run, previousCut }) => previousCut ?? run.cut),
    inserts: hiveJoined(
      runs.map(({ run }) => pieceOf(SQL.insert, partitionOf(run))),
      '\n',
    ),
  });
}
