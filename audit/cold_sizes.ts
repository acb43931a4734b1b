import { basename } from 'node:path';
import { readDayLocation } from '../batch/archive/cold/day_location.ts';
import { folderOf } from '../batch/archive/cold/gather.ts';
import { openStore } from '../batch/archive/cold/open_store.ts';
import type { ArchivedFile } from '../batch/archive/files/manifest.ts';
import type { Hive } from '../infra/clients/hive.ts';

type Placed = Pick<ArchivedFile, 'day' | 'path'>;

export type WithHive = <R>(work: (hive: Hive) => Promise<R>) => Promise<R>;

/**
 * Sizes of files in cold storage outside this machine, read through Hive's server. Undefined for a file: Hive does not
 * answer now.
 */
export async function sizesElsewhere(archiveDir: string, files: Placed[], withHive: WithHive) {
  const days = new Map<string, Map<string, number>>();
  const look = async (hive: Hive): Promise<void> => {
    for (const day of new Set(files.map((file) => file.day))) {
      const home = readDayLocation(archiveDir, day);
      if (home) days.set(day, await openStore(home.location, hive).sizes(folderOf(day)));
    }
  };
  if (files.length > 0) await withHive(look).catch(() => {});
  return ({ day, path }: Placed): number | undefined => {
    const sizes = days.get(day);
    return sizes && (sizes.get(basename(path)) ?? 0);
  };
}
