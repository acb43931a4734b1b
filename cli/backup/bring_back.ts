import { join } from 'node:path';
import type { Config } from '../../infra/config.ts';
import { clickHouseOf } from '../../infra/kinds.ts';
import type { Log } from '../../infra/log.ts';
import { openRegister } from '../../infra/register/open.ts';
import { refuseWhileRestoring } from '../../infra/restored.ts';
import { damageOf } from './files.ts';
import { bringFolderBack, checkpointsOf } from './folders.ts';
import { type BackupManifest, backupAt, type Part, partName } from './manifest.ts';
import { otherPlatform, platformOf } from './platform.ts';
import { sendRejected } from './rejected.ts';
import { bringTableBack, dropBeside, fillBeside } from './tables.ts';

interface BroughtBack {
  part: string;
  rows: number;
}

/** The backup to bring back, when all its files are as they were. */
async function wholeBackup(from: string): Promise<{ folder: string; manifest: BackupManifest }> {
  const found = backupAt(from);
  for (const part of found.manifest.parts) {
    const damage = await damageOf(found.folder, part);
    if (damage !== null) throw new Error(damage.replace('take another backup', 'use another backup'));
  }
  return found;
}

/** Before anything of a long restore is done. */
export async function checkBackup(config: Config, from: string): Promise<void> {
  const { folder, manifest } = await wholeBackup(from);
  const other = otherPlatform(manifest, folder, await platformOf(openRegister(config)));
  if (other !== null) throw new Error(other);
}

/** Records of ClickHouse, and rejected lines in Kafka, that are not there. Repeated, it changes nothing. */
export async function bringRecordsBack(config: Config, from: string, log: Log): Promise<BroughtBack[]> {
  const { folder, manifest } = await wholeBackup(from);
  const done: BroughtBack[] = [];
  for (const part of manifest.parts) {
    if (part.what !== 'table' && part.what !== 'rejected') continue;
    const path = join(folder, part.file);
    log.info(`bringing back ${partName(part)}`);
    const rows =
      part.what === 'table'
        ? await bringBack(config, part, path, manifest)
        : await sendRejected(config, log, path, Date.now());
    done.push({ part: partName(part), rows });
  }
  return done;
}

async function bringBack(config: Config, part: Part & { what: 'table' }, path: string, manifest: BackupManifest) {
  const { event, table, columns } = part;
  if (!config.eventKinds.includes(event)) return 0;
  const clickhouse = clickHouseOf(config, event);
  const id = `${manifest.id}_restore`;
  const note = `brought back from the backup of ${manifest.taken_at}: whether it was carried out since is not known, ask again if not`;
  try {
    await refuseWhileRestoring(clickhouse);
    const database = await fillBeside(clickhouse, id, { table, columns, path });
    return await bringTableBack(clickhouse, database, { table, columns, note });
  } finally {
    await dropBeside(clickhouse, id);
    await clickhouse.close();
  }
}

/** What a new machine needs before its first start: the register, and how far logs were read. Returns what was not there. */
export async function bringFoldersBack(
  config: Config,
  from: string,
): Promise<{ register: boolean; checkpoints: boolean }> {
  const { folder } = await wholeBackup(from);
  return {
    register: await bringFolderBack(join(folder, 'register.jsonl'), config.registerDir),
    checkpoints: await bringFolderBack(join(folder, 'checkpoints.jsonl'), checkpointsOf(config.dataDir)),
  };
}
