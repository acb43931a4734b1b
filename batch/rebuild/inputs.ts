import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { topicPartition } from '../../domain/names.ts';
import { sql } from '../../infra/sql.ts';
import type { DuckDBConnection } from '../archive/duckdb.ts';
import type { ArchivedFile, Manifest } from '../archive/manifest.ts';
import type { Cut } from '../cut.ts';
import { RunFailedError } from './failure.ts';
import type { Inputs } from './run_files.ts';

const ROWS_BELOW = sql('duckdb/rebuild_rows_below.sql');

interface InputFile extends ArchivedFile {
  /** The cut of the file's partition; above 0. */
  cut: number;
}

/** Files of a day that hold something below the cut, in order of their paths. */
export function inputFiles(manifests: Iterable<Manifest>, day: string, cut: Cut): InputFile[] {
  const files: InputFile[] = [];
  for (const { topic, partition, files: ofRange } of manifests) {
    const below = cut[topicPartition(topic, partition)] ?? 0;
    for (const file of ofRange)
      if (file.day === day && file.min_topic_offset < below) files.push({ ...file, cut: below });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Checks each file against its manifest and counts the rows below the cut. Throws RunFailedError naming a bad file. */
export async function checkInputs(duck: DuckDBConnection, archiveDir: string, files: InputFile[]): Promise<Inputs> {
  const all = createHash('sha256');
  let [rows, bytes] = [0, 0];
  for (const file of files) {
    await checkFile(join(archiveDir, file.path), file);
    all.update(`${file.sha256}  ${file.path}\n`);
    rows += file.max_topic_offset < file.cut ? file.rows : await rowsBelow(duck, archiveDir, file);
    bytes += file.bytes;
  }
  return { files: files.length, rows, bytes, sha256: all.digest('hex') };
}

/** Throws RunFailedError if the file is not what its manifest says. */
export async function checkFile(
  path: string,
  { bytes, sha256 }: Pick<ArchivedFile, 'bytes' | 'sha256'>,
): Promise<void> {
  if (!existsSync(path))
    throw new RunFailedError('missing_file', `${path} is missing; its manifest says ${bytes} bytes`);
  const size = statSync(path).size;
  if (size !== bytes) {
    throw new RunFailedError('corrupt_file', `${path} has ${size} bytes; its manifest says ${bytes}`);
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  if (hash.digest('hex') !== sha256) {
    throw new RunFailedError(
      'corrupt_file',
      `${path} is not what was archived: its SHA-256 differs from its manifest's`,
    );
  }
}

async function rowsBelow(duck: DuckDBConnection, archiveDir: string, { path, cut }: InputFile): Promise<number> {
  const answer = await duck.runAndReadAll(ROWS_BELOW, { path: join(archiveDir, path), cut: BigInt(cut) });
  return Number(answer.getRowObjects()[0]?.clicks);
}
