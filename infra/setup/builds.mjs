import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { withLock } from '../lock.mjs';
import { SetupError } from './error.mjs';

/**
 * Processes of older sources may still load chunks of their build: the latest builds are kept, and those of the last
 * day.
 */
const KEPT_BUILDS = 5;
const KEPT_MS = 24 * 3_600_000;

/** All files below the folder that `isWanted` takes by name, in an order that does not depend on the machine. */
export function filesIn(folder, isWanted) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesIn(path, isWanted);
      return isWanted(entry.name) ? [path] : [];
    });
}

/** A hash of the files' contents and their paths below `root`. */
export function hashOfFiles(root, paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    const content = readFileSync(path);
    hash.update(`${relative(root, path)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * Makes the folder of a build unless it exists, by one process at a time. `build` writes under a temporary name, so
 * that an interrupted build is never taken for a complete one. Old builds of the same name up to the hash are deleted.
 */
export async function buildOnce({ folder, what, log, build }) {
  if (existsSync(folder)) return;
  await withLock(`${what} ${dirname(folder)}`, log, async () => {
    if (existsSync(folder)) return;
    const aside = `${folder}.tmp-${process.pid}`;
    try {
      mkdirSync(dirname(folder), { recursive: true });
      rmSync(aside, { recursive: true, force: true });
      await build(aside);
      renameSync(aside, folder);
    } catch (error) {
      if (!['EACCES', 'EROFS', 'EPERM'].includes(error.code)) throw error;
      throw new SetupError(
        `the ${what} cannot be built in ${dirname(folder)} (${error.code}): run it once as a user who may write there`,
      );
    }
    removeOldBuilds(dirname(folder), kindOf(basename(folder)));
  });
}

/** What a build is of: the part of its name before the hash, '' for the program. */
const kindOf = (name) => name.slice(0, name.lastIndexOf('-') + 1);

function removeOldBuilds(folder, kind) {
  const builds = readdirSync(folder)
    .filter((name) => kindOf(name.replace(/\.tmp-\d+$/, '')) === kind)
    .map((name) => ({ path: join(folder, name), at: statSync(join(folder, name)).mtimeMs }));
  builds.sort((a, b) => b.at - a.at);
  for (const { path, at } of builds.slice(KEPT_BUILDS)) {
    if (Date.now() - at > KEPT_MS) rmSync(path, { recursive: true, force: true });
  }
}
