import { recordRestored } from '../../infra/restored.ts';
import type { Manifest } from '../archive/files/manifest.ts';
import { recordFilters } from '../rebuild/filter_rows.ts';
import { outputFiles, outputTotals } from '../rebuild/output.ts';
import type { BatchEngines } from '../run/engines.ts';
import { inputFiles, recordInputs } from '../run/inputs.ts';
import { loadRun } from '../run/load.ts';
import { readCounted, readRun, runFolder } from '../run/run_files.ts';
import type { LedgerDay, LostRun } from './plan.ts';

/** A run that could not be brought back. */
export interface Withheld {
  day: string;
  run: number;
  why: string;
}

/** Loads the runs of a day from Hive's files, and puts the day on record. What disagrees with the ledger is withheld. */
export async function loadDay(
  engines: BatchEngines,
  day: string,
  { runs }: LedgerDay,
  manifests: readonly Manifest[],
): Promise<Withheld[]> {
  const withheld: Withheld[] = [];
  for (const run of runs) {
    const why = await loadLostRun(engines, run, manifests).catch((error: unknown) => {
      if (engines.signal.aborted) throw error;
      return error instanceof Error ? error.message : String(error);
    });
    if (why !== null) withheld.push({ day, run: run.run, why });
  }
  const named = withheld.map(({ run, why: facts }) => ({ day, run, facts }));
  await recordRestored(engines.clickhouse, 'minutes', { day }, named);
  return withheld;
}

/** Null: it has what the ledger says. */
async function loadLostRun(
  engines: BatchEngines,
  lost: LostRun,
  manifests: readonly Manifest[],
): Promise<string | null> {
  const { archiveDir, clickhouse, duck } = engines;
  const { day, run, clicks } = lost;
  const file = readRun(archiveDir, day, run);
  const files = outputFiles(runFolder(archiveDir, day, run));
  const written = await outputTotals(duck.connection, files);
  if (written.clicks !== clicks) {
    return `the ledger says ${clicks} clicks, and the files of Hive have ${written.clicks} (${runFolder(archiveDir, day, run)})`;
  }
  const loaded = await loadRun(clickhouse, { day, run }, files);
  if (loaded.clicks !== clicks || loaded.documents !== written.documents) {
    return `${written.documents} minutes with ${clicks} clicks were loaded, and ClickHouse holds ${loaded.documents} with ${loaded.clicks}`;
  }
  await recordInputs(clickhouse, file, inputFiles(manifests, day, file.cut));
  await recordFilters(clickhouse, { day, run }, readCounted(archiveDir, file)?.filters ?? []);
  return null;
}
