import { mkdirSync } from 'node:fs';
import { z } from 'zod';
import type { Cut } from '../../domain/cut.ts';
import { dayStartMs, HOUR_MS } from '../../domain/time.ts';
import { type Hive, HiveStatementError, hiveCount, hiveRowsOf } from '../../infra/clients/hive.ts';
import { readCurrentFilters } from '../../infra/filters.ts';
import { fillHive, hiveDay, hiveInteger, hiveLocation, hivePiece, offsetsOf } from '../../infra/hive_statement.ts';
import { sql } from '../../infra/sql.ts';
import { type Readable, withReadable } from '../archive/cold/readable.ts';
import { isUnsettled, settleDay } from '../archive/cold/settle.ts';
import { type DuckDBConnection, MEMORY_MB, withDuck } from '../archive/files/duckdb.ts';
import { repair } from '../archive/files/layout.ts';
import { manifestsOf } from '../archive/files/manifest.ts';
import { addDays } from '../archive/hive_days.ts';
import type { DayLock } from '../day/lock.ts';
import { type BatchEngines, withBatchHive } from '../run/engines.ts';
import { RunFailedError } from '../run/failure.ts';
import { checkInputs, failRun, type InputFile, inputFiles, recordInputs } from '../run/inputs.ts';
import { type Counted, type HiveTotals, type Inputs, type RunFile, runFolder } from '../run/run_files.ts';
import { countAnnotationConflicts, countConflicts } from './conflicts.ts';
import { countFilters, minuteRows } from './filter_rows.ts';
import { type HourSlice, hourSlices, WHOLE_DAY } from './hour_slices.ts';
import { outputFiles } from './output.ts';
import { gatherSlices, readSlice, sliceFolder, sumOf, writeSlice } from './sliced_count.ts';

const SQL = {
  addRun: sql('hive/rebuild/add_run.sql'),
  placeRun: sql('hive/rebuild/place_run.sql'),
  totalsTable: sql('hive/rebuild/run_totals.sql'),
  count: sql('hive/rebuild/count_run.sql'),
  readTotals: sql('hive/rebuild/read_totals.sql'),
};

/**
 * For the count only, and measured for it: nearly every row is its own group, so aggregating before the shuffle only
 * costs time; and both groupings share a shuffle however few reducers there are.
 */
export const SESSION = ['SET hive.map.aggr=false', 'SET hive.optimize.reducededuplication.min.reducer=1'];

/**
 * Makes Hive count the run into its partition of `clicks_per_minute_runs`. Idempotent: it overwrites.
 * @param previousCut of the run published before; null for the day's first, which by definition includes nothing late
 */
export async function countRun(
  engines: BatchEngines,
  run: RunFile,
  previousCut: Cut | null,
  lock: DayLock,
): Promise<Counted> {
  const { archiveDir, log } = engines;
  repair(archiveDir, log);
  if (isUnsettled(archiveDir, run.day)) {
    await withBatchHive(engines, (hive) => settleDay({ archiveDir, hive, log }, run.day, lock)).catch(failRun);
  }
  const files = inputFiles(manifestsOf(archiveDir), run.day, run.cut);
  const scratch = `${run.day}-r${run.run}`;
  const viaHive = <R>(work: (hive: Hive) => Promise<R>) => withBatchHive(engines, work);
  return withReadable({ archiveDir, scratch }, files, viaHive, (readable) =>
    // Full scans use a separate DuckDB: its memory is released before the run is published.
    withDuck(archiveDir, MEMORY_MB, (duck) => countFiles(engines, duck, run, previousCut, readable)),
  );
}

async function countFiles(
  engines: BatchEngines,
  duck: DuckDBConnection,
  run: RunFile,
  previousCut: Cut | null,
  files: (InputFile & Readable)[],
): Promise<Counted> {
  const checked = await checkedRun(engines, duck, run, files);
  const { archiveDir } = engines;
  const { rows } = checked.inputs;
  try {
    const slices = rows === 0 ? [] : await hourSlicesOf(engines, duck, run, rows, files);
    const totals = await withBatchHive(engines, async (hive) => {
      await addRun(hive, archiveDir, run);
      if (slices.length === 0) return NO_ROWS;
      await addDays(hive, archiveDir, [run.day]);
      for (const setting of SESSION) await hive.execute(setting);
      await hive.execute(fillHive(SQL.totalsTable, {}));
      return slices.length === 1
        ? engines.turns.run(engines.event, () => countHours(hive, run, previousCut, WHOLE_DAY))
        : countInSlices(engines, hive, run, previousCut, slices);
    });
    return await completed(engines, duck, checked, totals);
  } catch (error) {
    if (error instanceof HiveStatementError) throw new RunFailedError('hive_refused', `Hive: ${error.message}`);
    throw error;
  }
}

/** A run whose input files are checked and on record. */
export interface CheckedRun {
  run: RunFile;
  files: (InputFile & Readable)[];
  inputs: Inputs;
  registered: Awaited<ReturnType<typeof readCurrentFilters>>;
}

export async function checkedRun(
  { archiveDir, clickhouse, log }: BatchEngines,
  duck: DuckDBConnection,
  run: RunFile,
  files: (InputFile & Readable)[],
): Promise<CheckedRun> {
  // A preview is never queried.
  const registered = run.preview ? [] : await readCurrentFilters(clickhouse);
  const inputs = await checkInputs(duck, files);
  await recordInputs(clickhouse, run, files);
  log.info({ day: run.day, run: run.run, ...inputs }, 'inputs checked');
  mkdirSync(runFolder(archiveDir, run.day, run.run), { recursive: true });
  return { run, files, inputs, registered };
}

/** Hive's totals with what is counted beside them. */
export async function completed(
  { archiveDir }: BatchEngines,
  duck: DuckDBConnection,
  { run, files, inputs, registered }: CheckedRun,
  totals: HiveTotals,
): Promise<Counted> {
  const conflicts = await countConflicts(duck, files, run.cut, totals.clicks);
  const annotation_conflicts = await countAnnotationConflicts(duck, files, run.cut, totals);
  const sources = { minutes: outputFiles(runFolder(archiveDir, run.day, run.run)), clicks: files };
  const filters = await countFilters(duck, archiveDir, run, registered, sources);
  return { ...totals, conflicts, annotation_conflicts, inputs, filters };
}

/** Makes the partition of the run, in its own folder. */
export const addRun = (hive: Hive, archiveDir: string, run: RunFile): Promise<void> =>
  hive.execute(
    fillHive(SQL.addRun, { ...partitionOf(run), location: hiveLocation(runFolder(archiveDir, run.day, run.run)) }),
  );

export const partitionOf = (run: RunFile) => ({ day: hiveDay(run.day), run: hiveInteger(run.run) });

async function hourSlicesOf(
  { sliceRows }: Pick<BatchEngines, 'sliceRows'>,
  duck: DuckDBConnection,
  { day }: RunFile,
  rows: number,
  files: Pick<Readable, 'at'>[],
): Promise<HourSlice[]> {
  if (sliceRows === null || rows <= sliceRows) return [WHOLE_DAY];
  return hourSlices(await minuteRows(duck, files), dayStartMs(day), sliceRows);
}

/** Hive's count of some hours of the day, into wherever the partition of the run is now. */
async function countHours(hive: Hive, run: RunFile, previousCut: Cut | null, { from, to }: HourSlice) {
  const dayMs = dayStartMs(run.day);
  const [fromMs, toMs] = [hiveInteger(dayMs + from * HOUR_MS), hiveInteger(dayMs + to * HOUR_MS)];
  const isWhole = from === WHOLE_DAY.from && to === WHOLE_DAY.to;
  const hours = isWhole ? hivePiece`TRUE` : hivePiece`click_timestamp >= ${fromMs} AND click_timestamp < ${toMs}`;
  const cuts = { cut: offsetsOf(run.cut), previous_cut: offsetsOf(previousCut ?? run.cut) };
  await hive.execute(fillHive(SQL.count, { ...partitionOf(run), ...cuts, hours }));
  return readTotals(hive);
}

/**
 * Counts the day slice by slice. Each is on record when it is done, so that a killed run goes on with the next; between
 * two of them others have their turn. No two slices share a minute, so the files of all are the run.
 */
async function countInSlices(
  { archiveDir, event, log, turns, signal }: BatchEngines,
  hive: Hive,
  run: RunFile,
  previousCut: Cut | null,
  slices: HourSlice[],
): Promise<HiveTotals> {
  const place = (folder: string): Promise<void> =>
    hive.execute(fillHive(SQL.placeRun, { ...partitionOf(run), location: hiveLocation(folder) }));
  const counted: HiveTotals[] = [];
  for (const slice of slices) {
    const known = readSlice(archiveDir, run, slice, previousCut);
    const totals =
      known ??
      (await turns.run(event, async () => {
        signal.throwIfAborted();
        const folder = sliceFolder(archiveDir, run, slice);
        mkdirSync(folder, { recursive: true });
        await place(folder);
        return countHours(hive, run, previousCut, slice);
      }));
    if (known === null) {
      writeSlice(archiveDir, run, slice, { ...totals, previous_cut: previousCut });
      log.info({ day: run.day, run: run.run, ...slice, clicks: totals.clicks }, 'hours counted');
    }
    counted.push(totals);
  }
  const folder = runFolder(archiveDir, run.day, run.run);
  gatherSlices(archiveDir, run, slices, folder);
  await place(folder);
  return sumOf(counted);
}

const NO_ROWS: HiveTotals = { documents: 0, clicks: 0, archived: 0, late_included: 0 };

/** A sum over no row is null. */
const sum = hiveCount.nullable().transform((clicks) => clicks ?? 0);
const totalsRow = z.object({ documents: sum, clicks: sum, archived: sum, late_included: sum });

async function readTotals(hive: Hive): Promise<HiveTotals> {
  const [totals] = await hiveRowsOf(hive, totalsRow, SQL.readTotals);
  if (!totals) throw new Error('Hive did not give the totals of the run');
  return totals;
}
