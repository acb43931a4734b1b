import { existsSync, renameSync, rmSync } from 'node:fs';

/**
 * A folder whose contents never change, made when it is first needed: under a temporary name, so that what was
 * interrupted is never taken for whole. If two processes make the same, the first one wins.
 */
export async function madeOnce(folder: string, make: (aside: string) => Promise<void>): Promise<string> {
  if (existsSync(folder)) return folder;
  const aside = `${folder}.tmp-${process.pid}`;
  rmSync(aside, { recursive: true, force: true });
  await make(aside);
  try {
    renameSync(aside, folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
    rmSync(aside, { recursive: true });
  }
  return folder;
}
