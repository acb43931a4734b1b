import { createHash } from 'node:crypto';
import type { Cut } from '../../domain/cut.ts';
import { topicPartition } from '../../domain/names.ts';
import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';
import type { Readable } from '../archive/cold/readable.ts';
import { BadFileError, checkFile } from '../archive/files/check_file.ts';
import type { DuckDBConnection } from '../archive/files/duckdb.ts';
import { type ArchivedFile, type Manifest, paddedOffset } from '../archive/files/manifest.ts';
import { RunFailedError } from './failure.ts';
import type { Inputs, RunFile } from './run_files.ts';

const ROWS_BELOW = sql('duckdb/rebuild_rows_below.sql');

export interface InputFile extends ArchivedFile {
  /** The cut of the file's partition; above 0. */
  cut: number;
  /** The manifest that names it, relative to the archive's manifests. */
  manifest: string;
}

/** Files of a day with rows below the cut, ordered by path. */
export function inputFiles(manifests: Iterable<Manifest>, day: string, cut: Cut): InputFile[] {
  const files: InputFile[] = [];
  for (const { topic, partition, from, files: ofRange } of manifests) {
    const name = topicPartition(topic, partition);
    const below = cut[name] ?? 0;
    const manifest = `${name}/${paddedOffset(from)}`;
    for (const file of ofRange)
      if (file.day === day && file.min_topic_offset < below) files.push({ ...file, cut: below, manifest });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Checks each file against its manifest and counts the rows below the cut. Throws RunFailedError naming a bad file. */
export async function checkInputs(duck: DuckDBConnection, files: (InputFile & Readable)[]): Promise<Inputs> {
  const all = createHash('sha256');
  let [rows, bytes] = [0, 0];
  for (const file of files) {
    await checkFile(file.at, file, file.named).catch(failRun);
    all.update(`${file.sha256}  ${file.path}\n`);
    rows += file.max_topic_offset < file.cut ? file.rows : await rowsBelow(duck, file.at, file.cut);
    bytes += file.bytes;
  }
  return { files: files.length, rows, bytes, sha256: all.digest('hex') };
}

/** With a bad file the run can never be published. */
export function failRun(error: unknown): never {
  throw error instanceof BadFileError ? new RunFailedError(error.reason, error.message) : error;
}

/** Records a run's input files (rows and hash of each whole file), so that its figures can be traced to files. */
export async function recordInputs(clickhouse: ClickHouseClient, run: RunFile, files: InputFile[]): Promise<void> {
  if (files.length === 0) return;
  await clickhouse.insert({
    table: 'run_inputs',
    values: files.map(({ path, manifest, rows, bytes, sha256 }) => {
      return { date: run.day, run: run.run, path, manifest, rows, bytes, sha256 };
    }),
    format: 'JSONEachRow',
  });
}

/** Rows of a file below an offset. Its rows all come from one partition. */
export async function rowsBelow(duck: DuckDBConnection, path: string, offset: number): Promise<number> {
  const answer = await duck.runAndReadAll(ROWS_BELOW, { path, cut: BigInt(offset) });
  return Number(answer.getRowObjects()[0]?.clicks);
}
