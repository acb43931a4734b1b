import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { BatchRunFacts } from '../../domain/batch_run.ts';
import { parsedJson } from '../../domain/parse.ts';
import { readIfThere, replaceFile } from '../../infra/files.ts';

type Run = { day: string } & BatchRunFacts;

/** Hive's file of a day. */
export const pathOf = (archiveDir: string, day: string): string => join(archiveDir, 'batch_runs', `${day}.json`);
const ms = (time: string | null): number | null => (time === null ? null : Date.parse(time));

/** A run as a row of ads.batch_runs in Hive; columns as in sql/hive/migrations. */
const hiveRow = ({ day, started_at, finished_at, published_at, rolled_back_at, ...rest }: Run) => ({
  date: day,
  ...rest,
  started_at: ms(started_at),
  finished_at: ms(finished_at),
  published_at: ms(published_at),
  rolled_back_at: ms(rolled_back_at),
});

const textOf = (runs: Run[]): string => runs.map((run) => `${JSON.stringify(hiveRow(run))}\n`).join('');

/** Replaces Hive's file with the runs of a day. Hive ignores names that begin with `_`. */
export function writeHiveLedger(archiveDir: string, day: string, runs: Run[]): void {
  const aside = join(archiveDir, 'batch_runs', `_${day}.${process.pid}`);
  mkdirSync(join(archiveDir, 'batch_runs'), { recursive: true });
  replaceFile(pathOf(archiveDir, day), textOf(runs), { aside });
}

/** Whether Hive's file of a day agrees with the ledger. */
export function isInHive(archiveDir: string, day: string, runs: Run[]): boolean {
  const path = pathOf(archiveDir, day);
  return existsSync(path) && readFileSync(path, 'utf8') === textOf(runs);
}

/** Days with a file, in order. */
export function daysInHive(archiveDir: string): string[] {
  const folder = join(archiveDir, 'batch_runs');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.flatMap((name) => /^(\d{4}-\d{2}-\d{2})\.json$/.exec(name)?.[1] ?? []).sort();
}

const named = z.object({ run: z.int() });

/** Numbers of the runs in Hive's file of a day. */
export function runsInHive(archiveDir: string, day: string): number[] {
  const path = pathOf(archiveDir, day);
  const lines =
    readIfThere(path)
      ?.split('\n')
      .filter((line) => line !== '') ?? [];
  return lines.map((line) => parsedJson(named, line, path).run);
}
