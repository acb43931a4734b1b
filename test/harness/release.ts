import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultCacheDir } from '../../infra/setup/engines.mjs';
import { withLock } from '../../infra/setup/lock.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Releases by their commits: a clone does not always bring tags along. */
export const RELEASES = { '0.1.0': '2c93cf6' } as const;

/**
 * The sources of a release with its packages and engines, ready to run; in the cache, where the next call finds them.
 * Needs the repository's history.
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
      mkdirSync(aside, { recursive: true });
      const archive = `${aside}/sources.tar`;
      try {
        execFileSync('git', ['archive', '--output', archive, RELEASES[version]], { cwd: ROOT, stdio: 'pipe' });
      } catch (error) {
        const reason = (error as { stderr?: Buffer }).stderr?.toString().trim();
        throw new Error(
          `release ${version}: commit ${RELEASES[version]} is not in this clone (${reason}); fetch its history: git fetch --unshallow`,
        );
      }
      execFileSync('tar', ['-xf', archive, '-C', aside]);
      execFileSync(process.execPath, ['infra/setup/setup.mjs'], { cwd: aside, stdio: 'pipe' });
      renameSync(aside, folder);
    },
  );
  return folder;
}
