import { createHash } from 'node:crypto';
import { type DuckDBDataChunk, DuckDBMapValue, type DuckDBValue, listValue } from '@duckdb/node-api';
import xxhash from 'xxhash-wasm';
import { annotationsOfRow } from '../../domain/click/annotations.ts';
import { encodeAnnotations } from '../../domain/click/annotations_wire.ts';
import { DedupeMemory } from '../../domain/click/dedupe.ts';
import { EncodedRows, encodeClick, encodePlace, identityOf } from '../../domain/click/wire.ts';
import type { Cut } from '../../domain/cut.ts';
import { topicPartition } from '../../domain/names.ts';
import { parsed } from '../../domain/parse.ts';
import { logOf } from '../../domain/partition_names.ts';
import { monthNumber } from '../../domain/retention.ts';
import type { Hive } from '../../infra/clients/hive.ts';
import { sql } from '../../infra/sql.ts';
import { type Readable, withReadable } from '../archive/cold/readable.ts';
import { checkFile } from '../archive/files/check_file.ts';
import { type ArchivedFile, type Manifest, manifestsOf } from '../archive/files/manifest.ts';
import { type BatchEngines, withBatchHive } from '../run/engines.ts';
import { failRun } from '../run/inputs.ts';
import type { Inputs } from '../run/run_files.ts';
import type { Days, Staging } from './staging.ts';

const ROWS_SQL = sql('duckdb/replay_rows.sql');
const ROWS_IN_BLOCK = 100_000;

interface FillOptions {
  engines: Pick<BatchEngines, 'archiveDir' | 'duck' | 'connectHive' | 'signal'>;
  staging: Pick<Staging, 'insert'>;
  days: Days;
  /** Months of arrival: only rows in these are staged. */
  months: Pick<ReadonlySet<string>, 'has'>;
  dedupeWindowMs: number;
  /** Called with the number of clicks read so far. */
  onProgress(clicks: number): void;
  /** Those of each partition in the order of its logs, and of offsets; absent: read from the archive. */
  manifests?: readonly Manifest[];
}

export interface Fill {
  /** Stages the rows at `[from, to)`; the archive must have reached `to`. */
  fill(from: Cut, to: Cut): Promise<void>;
  staged(): { rows: number; copies: number };
  /** The files that were read. */
  inputs(): Inputs;
}

/**
 * Puts the archived clicks of the days into the staged tables as the sink would have: in log order, with duplicates
 * within the window of arrival stored separately. (Duplicates agree in all fields, so they share a day: whether a click
 * is one does not depend on clicks of other days.)
 */
export async function openFill({
  engines,
  staging,
  days,
  months,
  dedupeWindowMs,
  onProgress,
  manifests,
}: FillOptions): Promise<Fill> {
  const { archiveDir, duck } = engines;
  const viaHive = <R>(work: (hive: Hive) => Promise<R>) => withBatchHive(engines, work);
  const { h64Raw } = await xxhash();
  /** By partition, over all of its logs, as of the last row that was read. */
  const memories = new Map<string, DedupeMemory>();
  const read = new Map<string, ArchivedFile>();
  let [rows, copies] = [new EncodedRows(), new EncodedRows()];
  const staged = { rows: 0, copies: 0 };
  let clicks = 0;

  async function flush(): Promise<void> {
    staged.rows += rows.count;
    staged.copies += copies.count;
    await staging.insert('copies_dropped', copies);
    await staging.insert('clicks', rows);
    [rows, copies] = [new EncodedRows(), new EncodedRows()];
    onProgress(clicks);
  }

  function take(chunk: DuckDBDataChunk, memory: DedupeMemory, place: Buffer): void {
    for (const [
      event_id,
      ad_id,
      click_timestamp,
      user_id,
      ip,
      country,
      arrived_at,
      offset,
      annotations,
    ] of chunk.getRows()) {
      const click = {
        event_id: String(event_id),
        ad_id: String(ad_id),
        click_timestamp: Number(click_timestamp),
        user_id: String(user_id),
        ip: String(ip),
        country: String(country),
      };
      const arrivedMs = Number(arrived_at);
      const identity = identityOf(encodeClick(click));
      const admitted = memory.admit(h64Raw(identity), arrivedMs);
      clicks += 1;
      if (!months.has(String(monthNumber(arrivedMs)))) continue;
      (admitted ? rows : copies).add(identity, arrivedMs, place, Number(offset), rowBinaryOf(annotations));
    }
  }

  async function readRange(
    { topic, partition }: Manifest,
    files: (ArchivedFile & Readable)[],
    from: number,
    to: number,
  ): Promise<void> {
    for (const file of files) {
      if (!read.has(file.path)) await checkFile(file.at, file, file.named).catch(failRun);
      read.set(file.path, file);
    }
    // Under a new name of its log, copies of clicks from before are still copies.
    const { of } = logOf(topic, partition);
    const memory = memories.get(of) ?? new DedupeMemory(dedupeWindowMs);
    memories.set(of, memory);
    const place = encodePlace(topicPartition(topic, partition));
    const result = await duck.connection.stream(ROWS_SQL, {
      paths: listValue(files.map(({ at }) => at)),
      from_offset: BigInt(from),
      to_offset: BigInt(to),
    });
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      take(chunk, memory, place);
      if (rows.count + copies.count >= ROWS_IN_BLOCK) await flush();
    }
  }

  return {
    async fill(from, to) {
      for (const manifest of manifests ?? manifestsOf(archiveDir, from)) {
        const name = topicPartition(manifest.topic, manifest.partition);
        const [fromOffset, toOffset] = [from[name] ?? 0, to[name] ?? 0];
        const files = filesOf(manifest, days, fromOffset, toOffset);
        await withReadable({ archiveDir, scratch: 'replay' }, files, viaHive, async (readable) => {
          if (readable.length > 0) await readRange(manifest, readable, fromOffset, toOffset);
        });
      }
      await flush();
    },
    staged: () => ({ ...staged }),
    inputs() {
      const files = [...read.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
      const all = createHash('sha256');
      for (const { sha256, path } of files) all.update(`${sha256}  ${path}\n`);
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      return { files: files.length, rows: clicks, bytes, sha256: all.digest('hex') };
    },
  };
}

/** The annotations of an archived row; null: it has none. */
function rowBinaryOf(annotations: DuckDBValue | undefined): Buffer | null {
  if (!(annotations instanceof DuckDBMapValue) || annotations.entries.length === 0) return null;
  const row = Object.fromEntries(annotations.entries.map(({ key, value }) => [String(key), String(value)]));
  return encodeAnnotations(parsed(annotationsOfRow, row, 'the annotations of an archived click'));
}

const filesOf = ({ files }: Manifest, days: Days, from: number, to: number): ArchivedFile[] =>
  files.filter(
    ({ day, min_topic_offset, max_topic_offset }) =>
      day >= days.from && day < days.to && min_topic_offset < to && max_topic_offset >= from,
  );
