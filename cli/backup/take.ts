import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { manifestsOf } from '../../batch/archive/files/manifest.ts';
import { iso } from '../../domain/time.ts';
import type { Config } from '../../infra/config.ts';
import { syncFolder, writeJsonAtomically } from '../../infra/files.ts';
import { lockFile } from '../../infra/folder_lock.ts';
import { archiveDirOf, clickHouseOf } from '../../infra/kinds.ts';
import type { Log } from '../../infra/log.ts';
import { openRegister } from '../../infra/register/open.ts';
import { refuseWhileRestoring } from '../../infra/restored.ts';
import { surveyAll } from '../restore/clickhouse.ts';
import { LinesFile, type Measured, writeLines } from './files.ts';
import { checkpointLines, registerLines } from './folders.ts';
import { type BackupManifest, MANIFEST, type Part, partName, stampOf, TABLES, UNFINISHED } from './manifest.ts';
import { platformOf } from './platform.ts';
import { readRejected } from './rejected.ts';
import { columnsOf, readTable } from './tables.ts';

/** One backup, or verification, at a time works in a folder; what it finds unfinished there was left by a kill. */
export async function inFolder<T>(to: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  const lock = await lockFile(join(to, '.lock'));
  if (lock === null) throw new Error(`another backup is at work in ${to}: wait until it has ended`);
  return work().finally(() => lock.release());
}

/** Takes a backup, which has its name only when it is whole and on disk. */
export async function takeBackup(
  config: Config,
  to: string,
  log: Log,
): Promise<{ folder: string; manifest: BackupManifest }> {
  const platform = await platformOf(openRegister(config));
  if (platform === null)
    throw new Error(`${config.registerDir} has no record of a platform: start it once, or set REGISTER_URL`);
  for (const name of readdirSync(to).filter((name) => name.startsWith(UNFINISHED))) {
    rmSync(join(to, name), { recursive: true });
    log.info({ name }, 'removed what an interrupted backup has left');
  }
  const takenAt = iso(Date.now());
  const [aside, folder] = [join(to, `${UNFINISHED}${stampOf(takenAt)}`), join(to, stampOf(takenAt))];
  mkdirSync(aside, { mode: 0o700 });
  const parts: Part[] = [];
  const add = (part: Part): void => {
    parts.push(part);
    log.info({ rows: part.rows, bytes: part.bytes }, `${partName(part)} written`);
  };
  // The register last: whatever the others tell of was decided before.
  for (const event of config.eventKinds) {
    const clickhouse = clickHouseOf(config, event);
    try {
      await refuseWhileRestoring(clickhouse);
      for (const table of TABLES) {
        const columns = await columnsOf(clickhouse, table);
        const file = `${event}.${table}.jsonl`;
        const measured = await writeLines(join(aside, file), readTable(clickhouse, table, columns));
        add({ what: 'table', event, table, columns, file, ...measured });
      }
    } finally {
      await clickhouse.close();
    }
    const file = `${event}.archive.jsonl`;
    add({ what: 'archive', event, file, ...(await writeLines(join(aside, file), archiveLines(config, event))) });
  }
  add({
    what: 'rejected',
    file: 'rejected.jsonl',
    ...(await rejectedFile(config, log, join(aside, 'rejected.jsonl'))),
  });
  for (const [what, lines] of [
    ['checkpoints', checkpointLines(config.dataDir)],
    ['register', registerLines(config.registerDir)],
  ] as const) {
    const file = `${what}.jsonl`;
    add({ what, file, ...(await writeLines(join(aside, file), lines)) });
  }
  const surveys = await surveyAll(config);
  const manifest: BackupManifest = {
    version: 1,
    id: randomBytes(6).toString('hex'),
    platform,
    taken_at: takenAt,
    not_archived: Object.fromEntries(surveys.map(({ event, from_kafka }) => [event, from_kafka])),
    parts,
  };
  writeJsonAtomically(join(aside, MANIFEST), manifest);
  if (existsSync(folder)) throw new Error(`${folder} is there already: repeat the command`);
  renameSync(aside, folder);
  syncFolder(to);
  return { folder, manifest };
}

function* archiveLines(config: Config, event: Config['eventKinds'][number]): Generator<string> {
  for (const manifest of manifestsOf(archiveDirOf(config, event))) yield JSON.stringify(manifest);
}

async function rejectedFile(config: Config, log: Log, path: string): Promise<Measured> {
  const file = await LinesFile.create(path);
  await readRejected(config, log, (line) => file.add(line));
  return file.close();
}
