import { copyFileSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { cut } from '../../domain/cut.ts';
import { readJsonIfThere, writeJsonAtomically } from '../../infra/files.ts';
import type { Log } from '../../infra/log.ts';
import { type HiveTotals, hiveTotals, type RunFile } from '../run/run_files.ts';
import type { HourSlice } from './hour_slices.ts';
import { outputFiles } from './output.ts';

/** A slice that was counted: what came out, and the cut of the run before, which says what is late. */
const countedSlice = z.object({ ...hiveTotals.shape, previous_cut: cut.nullable() });
type CountedSlice = z.infer<typeof countedSlice>;

type Run = Pick<RunFile, 'day' | 'run'>;

/** Folder of all slices of a run; nothing but this run uses it. */
const slicesFolder = (archiveDir: string, { day, run }: Run): string =>
  join(archiveDir, 'runs-slices', `dt=${day}`, `run=${run}`);

const nameOf = ({ from, to }: HourSlice): string =>
  `hours=${String(from).padStart(2, '0')}-${String(to).padStart(2, '0')}`;

/** Folder into which Hive writes the minutes of a slice. */
export const sliceFolder = (archiveDir: string, run: Run, slice: HourSlice): string =>
  join(slicesFolder(archiveDir, run), nameOf(slice));

const recordOf = (archiveDir: string, run: Run, slice: HourSlice): string =>
  join(slicesFolder(archiveDir, run), `${nameOf(slice)}.json`);

/** What a process counted of the slice before this one was killed; null: it has to be counted. */
export function readSlice(
  archiveDir: string,
  run: Run,
  slice: HourSlice,
  previousCut: CountedSlice['previous_cut'],
): HiveTotals | null {
  const found = readJsonIfThere(countedSlice, recordOf(archiveDir, run, slice));
  if (found === null) return null;
  const { previous_cut, ...totals } = found;
  return isDeepStrictEqual(previous_cut, previousCut) ? totals : null;
}

/** Written when Hive has written the slice: it is not counted again. */
export const writeSlice = (archiveDir: string, run: Run, slice: HourSlice, counted: CountedSlice): void =>
  writeJsonAtomically(recordOf(archiveDir, run, slice), counted);

export const sumOf = (slices: HiveTotals[]): HiveTotals => {
  const total = (name: keyof HiveTotals): number => slices.reduce((sum, slice) => sum + slice[name], 0);
  return {
    documents: total('documents'),
    clicks: total('clicks'),
    archived: total('archived'),
    late_included: total('late_included'),
  };
};

/**
 * Copies the minutes of all slices into the folder of the run, which then has these and no others. Hive wrote the files,
 * possibly as another user, so they are read and not moved.
 */
export function gatherSlices(archiveDir: string, run: Run, slices: HourSlice[], folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const path of outputFiles(folder)) rmSync(path);
  for (const slice of slices) {
    for (const path of outputFiles(sliceFolder(archiveDir, run, slice))) {
      const name = `${String(slice.from).padStart(2, '0')}-${basename(path)}`;
      const aside = join(folder, `.${name}`);
      copyFileSync(path, aside);
      renameSync(aside, join(folder, name));
    }
  }
}

/** Removes the slices of a run whose count is on record. */
export function dropSlices(archiveDir: string, run: Run, log: Log): void {
  try {
    rmSync(slicesFolder(archiveDir, run), { recursive: true, force: true });
  } catch (error) {
    log.warn({ err: error, ...run }, 'slices of a counted run are left: nothing reads them any more');
  }
}
