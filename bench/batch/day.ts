import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { finished, pipeline } from 'node:stream/promises';
import { DuckDBInstance, type DuckDBValue, listValue } from '@duckdb/node-api';
import { dayFolder } from '../../batch/archive/files/layout.ts';
import { createManifest } from '../../batch/archive/files/manifest.ts';
import { DAY_MS, dayOf, dayStartMs } from '../../domain/time.ts';
import { sql } from '../../infra/sql.ts';
import type { BenchSite } from '../site.ts';

const SQL = {
  day: sql('duckdb/bench_day.sql'),
  digest: sql('duckdb/bench_digest.sql'),
  realtime: sql('clickhouse/bench/realtime_day.sql'),
};

/** Clicks per ad, minute and country, on average; and number of countries. */
const CLICKS_PER_GROUP = 10;
const GROUPS_PER_AD = (DAY_MS / 60_000) * 3;

/** A day in the archive: one file, of a topic that is no longer written to, so that no stage has to be waited for. */
export interface ArchivedDay {
  day: string;
  file: string;
  rows: number;
  /** Number of runs so far. */
  runs: number;
}

/** @param ago days before today; each has its own topic */
export async function archiveDay(archiveDir: string, rows: number, ago: number): Promise<ArchivedDay> {
  const day = dayOf(Date.now() - ago * DAY_MS);
  const topic = `past${ago}`;
  const path = join(dayFolder(day), `${topic}-0.parquet`);
  const file = join(archiveDir, path);
  mkdirSync(dirname(file), { recursive: true });
  const ads = Math.max(1, Math.round(rows / CLICKS_PER_GROUP / GROUPS_PER_AD));
  await duck(SQL.day, { path: file, rows, ads, topic, start_ms: BigInt(dayStartMs(day)) });
  const { size: bytes } = statSync(file);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const sha256 = hash.digest('hex');
  const offsets = { min_topic_offset: 0, max_topic_offset: rows - 1 };
  createManifest(archiveDir, {
    topic,
    partition: 0,
    from: 0,
    to: rows,
    rows,
    rejected: 0,
    arrived_from: dayStartMs(day),
    arrived_to: dayStartMs(day) + DAY_MS,
    files: [{ day, path, aside: join('aside', 'past', `${day}.parquet`), rows, bytes, sha256, ...offsets }],
  });
  return { day, file, rows, runs: 0 };
}

/** The real-time counts of the day. */
export async function fillRealtime({ clickhouse }: BenchSite, { file }: ArchivedDay): Promise<void> {
  const { stream } = await clickhouse.exec({ query: SQL.realtime, values: createReadStream(file) });
  await finished(stream.resume());
}

export interface Digest {
  minutes: number;
  clicks: number;
  digest: string;
}

export async function digestOf(paths: string[]): Promise<Digest> {
  const [row] = await duck(SQL.digest, { paths: listValue(paths) });
  return { minutes: Number(row?.minutes), clicks: Number(row?.clicks), digest: String(row?.digest) };
}

async function duck(statement: string, values: Record<string, DuckDBValue>) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(statement, values)).getRowObjects();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
