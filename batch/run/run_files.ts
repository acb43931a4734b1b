import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FilterRevision, filterKey } from '../../domain/filters/filter_revision.ts';
import { readJsonIfThere, writeJsonAtomically } from '../../infra/files.ts';
import type { Cut } from '../day/cut.ts';
import { createExclusively } from '../day/exclusive.ts';

/** A run as it was begun. `started_at` is epoch milliseconds. */
export interface RunFile {
  day: string;
  run: number;
  cut: Cut;
  reason: string;
  requested_by: string;
  started_at: number;
  /** Of ads.run_requests; '' or, in files from before there were requests, absent if it was begun for none. */
  request?: string;
  /** Counted to be looked at: it is never taken up, and never published. */
  preview?: true;
}

/** What Hive counted: `archived` rows of the day below the cut are `clicks` distinct ones, in `documents` minutes. */
export interface Counted {
  documents: number;
  clicks: number;
  archived: number;
  late_included: number;
  /** Distinct clicks less distinct event ids. */
  conflicts: number;
  inputs: Inputs;
  /** Registered filters that rows were made of too; absent in a count from before there were any. */
  filters?: FilterTotals[];
}

/** Rows of a filter, of the run's clicks. */
export interface FilterTotals extends FilterRevision {
  documents: number;
  clicks: number;
}

/** The files that a run has read, so that anyone can check them later. */
export interface Inputs {
  files: number;
  rows: number;
  bytes: number;
  /** Of the lines `<sha256>  <path>`, in order of the paths. */
  sha256: string;
}

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

/** The run takes the next number above `above`, and its cut is on disk before anything is done with it. */
export function allocateRun(archiveDir: string, begun: Omit<RunFile, 'run'>, above: number): RunFile {
  for (let run = Math.max(above, runNumbers(archiveDir, begun.day).at(-1) ?? 0) + 1; ; run++) {
    const file = { ...begun, run };
    if (createExclusively(pathOf(archiveDir, begun.day, `${run}.json`), file)) return file;
  }
}

export const readRun = (archiveDir: string, day: string, run: number): RunFile =>
  JSON.parse(readFileSync(pathOf(archiveDir, day, `${run}.json`), 'utf8')) as RunFile;

/** Null also for a count that was made before conflicts were counted: it is made again. */
export function readCounted(archiveDir: string, { day, run }: RunFile): Counted | null {
  const counted = readJsonIfThere<Partial<Counted>>(pathOf(archiveDir, day, `${run}-counted.json`));
  return counted?.conflicts === undefined ? null : (counted as Counted);
}

export const writeCounted = (archiveDir: string, { day, run }: RunFile, counted: Counted): void =>
  writeJsonAtomically(pathOf(archiveDir, day, `${run}-counted.json`), counted);

/** The number of the ledger's event that alias and Hive location were last brought to. */
export const followedSeq = (archiveDir: string, day: string): number =>
  readJsonIfThere<{ seq: number }>(pathOf(archiveDir, day, 'followed.json'))?.seq ?? 0;

export function writeFollowedSeq(archiveDir: string, day: string, seq: number): void {
  mkdirSync(folderOf(archiveDir, day), { recursive: true });
  writeJsonAtomically(pathOf(archiveDir, day, 'followed.json'), { seq });
}

/** Where a run's rows of a registered filter are. */
export const filterFolder = (
  archiveDir: string,
  { day, run }: Pick<RunFile, 'day' | 'run'>,
  filter: FilterRevision,
): string => join(archiveDir, 'runs-filters', `dt=${day}`, `run=${run}`, filterKey(filter));

/** Where Hive writes a run. */
export const runFolder = (archiveDir: string, day: string, run: number): string =>
  join(archiveDir, 'runs', `dt=${day}`, `run=${run}`);
