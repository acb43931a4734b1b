import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { totals } from '../../domain/ad_minutes.ts';
import { cut } from '../../domain/cut.ts';
import { count, day } from '../../domain/fields.ts';
import { type FilterRevision, filterKey, filterRevision } from '../../domain/filters/filter_revision.ts';
import { parsed } from '../../domain/parse.ts';
import { createExclusively, readJson, readJsonIfThere, writeJsonAtomically } from '../../infra/files.ts';
import { lastNumber, numbered, type Register } from '../../infra/register/register.ts';
import { DayBusyError } from '../day/lock.ts';

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
  /** X-Request-Id of the HTTP request that asked for it; '' or absent: none did. */
  request_id: z.string().exactOptional(),
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
export const hiveTotals = z.object({ ...totals.shape, archived: count, late_included: count });
export type HiveTotals = z.infer<typeof hiveTotals>;

/** The count of a run. */
const counted = z.object({
  ...hiveTotals.shape,
  /** Distinct clicks minus distinct event ids. */
  conflicts: count,
  /** Absent in counts from before there were annotations. */
  annotation_conflicts: count.default(0),
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

/** Where run numbers are taken, and the archive with the files of its runs. */
interface RunSite {
  register: Register;
  archiveDir: string;
}

/**
 * The run takes the next number above `above`, in the register; number and cut are there before anything else happens.
 * Throws DayBusyError if another process takes it.
 */
export async function allocateRun(
  { register, archiveDir }: RunSite,
  begun: Omit<RunFile, 'run'>,
  above: number,
): Promise<RunFile> {
  const { day } = begun;
  const taken = lastNumber(await register.list(`runs/${day}/`));
  const run = Math.max(above, taken, runNumbers(archiveDir, day).at(-1) ?? 0) + 1;
  const file = { ...begun, run };
  const made = (await register.create(`runs/${day}/${numbered(run)}`, file)) === 'made';
  if (!made || !createExclusively(pathOf(archiveDir, day, `${run}.json`), file)) {
    throw new DayBusyError(`run ${run} of ${day} was just begun by another process`);
  }
  return file;
}

/** Writes the files of runs that the register has and the archive lacks: a kill came between, or the archive is older. */
export async function bringRunFiles({ register, archiveDir }: RunSite, day: string): Promise<void> {
  const there = new Set(runNumbers(archiveDir, day));
  for (const key of await register.list(`runs/${day}/`)) {
    if (there.has(lastNumber([key]))) continue;
    const file = await register.read(runFile, key);
    if (file !== null) createExclusively(pathOf(archiveDir, day, `${file.run}.json`), file);
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
