import { execFileSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { commitOf, layOut } from '../../bench/against/checkout.ts';
import { withLock } from '../../infra/lock.mjs';
import { defaultCacheDir } from '../../infra/setup/engines.mjs';

/** Releases by commit: a clone does not always have the tags. */
export const RELEASES = { '0.1.0': '2c93cf6' } as const;

/**
 * The sources of a release with its packages and engines, ready to run; cached for later calls. Needs the repository's
 * history.
 */
export async function releaseCheckout(version: keyof typeof RELEASES): Promise<string> {
  const cacheDir = defaultCacheDir(process.env);
  const folder = join(cacheDir, 'releases', `${version}-${RELEASES[version]}`);
  await withLock(
    `release ${folder}`,
    () => {},
    async () => {
      if (existsSync(folder)) return;
      const aside = `${folder}.tmp-${process.pid}`;
      rmSync(aside, { recursive: true, force: true });
      layOut(commitOf(RELEASES[version]), aside);
      execFileSync(process.execPath, ['infra/setup/setup.mjs'], { cwd: aside, stdio: 'pipe' });
      renameSync(aside, folder);
    },
  );
  return folder;
}
