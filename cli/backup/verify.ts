import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { readManifest } from '../../batch/archive/files/manifest.ts';
import { count } from '../../domain/fields.ts';
import { parsedJson } from '../../domain/parse.ts';
import type { Config } from '../../infra/config.ts';
import { archiveDirOf, clickHouseOf } from '../../infra/kinds.ts';
import type { Log } from '../../infra/log.ts';
import { fileRegister } from '../../infra/register/file_register.ts';
import { openRegister } from '../../infra/register/open.ts';
import { damageOf, linesOf, Measure } from './files.ts';
import { unpack } from './folders.ts';
import { type BackupManifest, backupAt, backupsIn, type Part, partName } from './manifest.ts';
import { otherPlatform, platformOf } from './platform.ts';
import { messageOfLine } from './rejected.ts';
import { dropBeside, fillBeside, readTable } from './tables.ts';

export interface Verified {
  part: string;
  file: string;
  rows: number;
  /** Null: it is as it was. */
  wrong: string | null;
}

/** Restores a backup beside what is there, compares, and removes that again. One result for each part. */
export async function verifyBackup(config: Config, to: string, log: Log) {
  const { folder, manifest } = backupAt(to);
  const other = otherPlatform(manifest, folder, await platformOf(openRegister(config)));
  if (other !== null) throw new Error(other);
  const ids = new Set([manifest.id, ...backupsIn(to).map((one) => backupAt(one).manifest.id)]);
  const drop = (): Promise<void> => dropAll(config, ids);
  // What a verification that was killed has left.
  await drop();
  const parts: Verified[] = [];
  try {
    for (const part of manifest.parts) {
      log.info(`verifying ${partName(part)}`);
      const wrong = (await damageOf(folder, part)) ?? (await differenceOf(config, folder, manifest, part));
      parts.push({ part: partName(part), file: part.file, rows: part.rows, wrong });
    }
  } finally {
    await drop();
  }
  return { folder, manifest, parts };
}

async function dropAll(config: Config, ids: Iterable<string>): Promise<void> {
  for (const event of config.eventKinds) {
    const clickhouse = clickHouseOf(config, event);
    for (const id of ids) await dropBeside(clickhouse, id);
    await clickhouse.close();
  }
}

/** What a part is like when it has been brought back beside; null: as in the manifest. */
async function differenceOf(
  config: Config,
  folder: string,
  manifest: BackupManifest,
  part: Part,
): Promise<string | null> {
  const path = join(folder, part.file);
  if (part.what === 'table') {
    const clickhouse = clickHouseOf(config, part.event);
    try {
      const { table, columns } = part;
      const database = await fillBeside(clickhouse, manifest.id, { table, columns, path });
      const measure = new Measure();
      for await (const line of readTable(clickhouse, table, columns, database)) measure.add(line);
      const { rows, sha256 } = measure.result;
      return sha256 === part.sha256
        ? null
        : `${path}: brought back into ClickHouse it has ${rows} rows that are not those of the manifest (${part.rows})`;
    } finally {
      await clickhouse.close();
    }
  }
  if (part.what === 'archive') return archiveLacks(config, part, path);
  if (part.what === 'rejected') {
    for await (const line of linesOf(path)) messageOfLine(line, path);
    return null;
  }
  const beside = mkdtempSync(join(tmpdir(), 'clickledger-verify-'));
  try {
    await unpack(path, beside);
    if (part.what !== 'register') return null;
    return otherPlatform(manifest, `the register in ${path}`, await platformOf(fileRegister(beside)));
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

const ofManifest = z.looseObject({ topic: z.string(), partition: count, from: count });

/** Whether the archive still has all ranges that it had, as they were. */
async function archiveLacks(config: Config, part: Part & { what: 'archive' }, path: string): Promise<string | null> {
  const archiveDir = archiveDirOf(config, part.event);
  for await (const line of linesOf(path)) {
    const { topic, partition, from } = parsedJson(ofManifest, line, path);
    if (JSON.stringify(readManifest(archiveDir, topic, partition, from)) === line) continue;
    return `the archive ${archiveDir} has not the range of ${topic}-${partition} from offset ${from} that it had: bring manifests back from the archive's own backup`;
  }
  return null;
}
