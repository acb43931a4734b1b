import { chmodSync, lstatSync, mkdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { PLAIN_UID } from '../embedded/elasticsearch/non_root.ts';
import { StartError } from '../supervisor/types.ts';
import { type DataDirEntry, entriesOf, isLink } from './entries.ts';
import { groupId } from './group.ts';
import { giveTo, refuseOthers, share } from './share.ts';

type Settings = Pick<Config, 'dataDir' | 'dataGroup' | 'urls'>;

/** Large folders, which may have been moved to another disk. */
const LINKED = ['archive', 'engines'];
const OTHERS = 0o077;

/** The umask of roles and commands: in a shared archive it grants the group access. */
export const umaskOf = (env: NodeJS.ProcessEnv): number => (env.HIVE_URL && env.DATA_GROUP ? 0o007 : 0o077);

/**
 * Closes DATA_DIR, also one of an earlier version, to all other users of this machine. Two folders in it are opened to
 * DATA_GROUP: `logs`, and the archive if the Hive of HIVE_URL works in it. Throws a StartError if other users have been
 * using one of these and no group is set.
 */
export function closeDataDir({ dataDir, dataGroup, urls }: Settings): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const shared = urls.hive === undefined ? ['logs'] : ['logs', 'archive'];
  const gid = dataGroup === null ? null : groupId(dataGroup);
  if (gid === null) refuseOthers(dataDir, shared);

  const engines = join(dataDir, 'engines');
  // An Elasticsearch that runs as another user must be able to pass through.
  const isOfAnother = statSync(join(engines, 'elasticsearch'), { throwIfNoEntry: false })?.uid === PLAIN_UID;
  const passable = isOfAnother ? 0o711 : 0o700;
  for (const { path, stats } of entriesOf(engines)) close(path, stats, 0o700);
  for (const { name, path, stats } of [...entriesOf(dataDir), ...linkedFolders(dataDir)]) {
    if (gid === null || !shared.includes(name)) close(path, stats, name === 'engines' ? passable : 0o700);
  }
  if (gid !== null) {
    for (const name of shared) share(join(dataDir, name), gid, { withContents: name === 'archive' });
    giveTo(dataDir, gid);
  }
  closeItself(dataDir, gid === null ? passable : passable | 0o010);
}

/** A folder gets this mode; a file keeps its owner's permissions. */
function close(path: string, stats: Stats, folderMode: number): void {
  const mode = stats.isDirectory() ? folderMode : stats.mode & 0o700;
  if ((stats.mode & 0o7777) === mode) return;
  try {
    chmodSync(path, mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
    if ((stats.mode & OTHERS & ~mode) === 0) return;
    throw new StartError(
      `DATA_DIR: ${path} is open to other users and belongs to user ${stats.uid}: make it yours, or close it (chmod 700)`,
    );
  }
}

function closeItself(dataDir: string, mode: number): void {
  try {
    close(dataDir, lstatSync(dataDir), mode);
  } catch (error) {
    // The root of a volume may belong to the system. Everything in it is closed.
    if (!(error instanceof StartError)) throw error;
  }
}

const linkedFolders = (dataDir: string): DataDirEntry[] =>
  LINKED.flatMap((name) => {
    const path = join(dataDir, name);
    const stats = isLink(path) ? statSync(path, { throwIfNoEntry: false }) : undefined;
    return stats === undefined ? [] : [{ name, path, stats }];
  });
