import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { totals } from '../../domain/ad_minutes.ts';
import { cut } from '../../domain/cut.ts';
import { count, day } from '../../domain/fields.ts';
import { type FilterRevision, filterKey, filterRevision } from '../../domain/filters/filter_revision.ts';
import { parsed } from '../../domain/parse.ts';
import { createExclusively, readJson, readJsonIfThere, writeJsonAtomically } from '../../infra/files.ts';

/** A run as it was begun. `started_at` is epoch milliseconds. */
const runFile = z.object({
  day,
  run: z.int().min(1),
  cut,
  reason: z.string(),
  requested_by: z.string(),
  started_at: z.int(),
  /** Id in ads.run_requests; '' or, in files from before requests existed, absent if it was begun for none. */
  request: z.string().exactOptional(),
  /** Counted for a preview: never resumed, and never published. */
  preview: z.literal(true).exactOptional(),
});
export type RunFile = z.infer<typeof runFile>;

/** Totals of a filter's rows in the run. */
const filterTotals = z.object({ ...filterRevision.shape, ...totals.shape });
export type FilterTotals = z.infer<typeof filterTotals>;

/** The files that a run has read, for later verification. */
export const inputTotals = z.object({
  files: count,
  rows: count,
  bytes: count,
  /** Hash of the lines `<sha256>  <path>`, ordered by path. */
  sha256: z.string(),
});
export type Inputs = z.infer<typeof inputTotals>;

/** Hive's count: `archived` rows of the day below the cut are `clicks` distinct ones, in `documents` minutes. */
const hiveTotals = z.object({ ...totals.shape, archived: count, late_included: count });
export type HiveTotals = z.infer<typeof hiveTotals>;

/** The count of a run. */
const counted = z.object({
  ...hiveTotals.shape,
  /** Distinct clicks minus distinct event ids. */
  conflicts: count,
  inputs: inputTotals,
  /** Registered filters that also have rows; absent in counts from before there were any. */
  filters: z.array(filterTotals).exactOptional(),
});
export type Counted = z.infer<typeof counted>;

const followed = z.object({ seq: count });

const folderOf = (archiveDir: string, day: string): string => join(archiveDir, 'runs-ledger', day);
const pathOf = (archiveDir: string, day: string, name: string): string => join(folderOf(archiveDir, day), name);

export function runNumbers(archiveDir: string, day: string): number[] {
  const folder = folderOf(archiveDir, day);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^\d+\.json$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);
}

/** The run takes the next number above `above`; its cut is on disk before anything else happens. */
export function allocateRun(archiveDir: string, begun: Omit<RunFile, 'run'>, above: number): RunFile {
  for (let run = Math.max(above, runNumbers(archiveDir, begun.day).at(-1) ?? 0) + 1; ; run++) {
    const file = { ...begun, run };
    if (createExclusively(pathOf(archiveDir, begun.day, `${run}.json`), file)) return file;
  }
}

export const readRun = (archiveDir: string, day: string, run: number): RunFile =>
  readJson(runFile, pathOf(archiveDir, day, `${run}.json`));

/** Null also for a count from before conflicts were counted: it is repeated. */
export function readCounted(archiveDir: string, { day, run }: RunFile): Counted | null {
  const path = pathOf(archiveDir, day, `${run}-counted.json`);
  const found = readJsonIfThere(z.looseObject({}), path);
  return found === null || !('conflicts' in found) ? null : parsed(counted, found, path);
}

export const writeCounted = (archiveDir: string, { day, run }: RunFile, made: Counted): void =>
  writeJsonAtomically(pathOf(archiveDir, day, `${run}-counted.json`), made);

/** Number of the ledger event that alias and Hive location were last updated to. */
export const followedSeq = (archiveDir: string, day: string): number =>
  readJsonIfThere(followed, pathOf(archiveDir, day, 'followed.json'))?.seq ?? 0;

export function writeFollowedSeq(archiveDir: string, day: string, seq: number): void {
  mkdirSync(folderOf(archiveDir, day), { recursive: true });
  writeJsonAtomically(pathOf(archiveDir, day, 'followed.json'), { seq });
}

/** Folder of a run's rows of a registered filter. */
export const filterFolder = (
  archiveDir: string,
  { day, run }: Pick<RunFile, 'day' | 'run'>,
  filter: FilterRevision,
): string => join(archiveDir, 'runs-filters', `dt=${day}`, `run=${run}`, filterKey(filter));

/** Folder into which Hive writes a run. */
export const runFolder = (archiveDir: string, day: string, run: number): string =>
  join(archiveDir, 'runs', `dt=${day}`, `run=${run}`);
