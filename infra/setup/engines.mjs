import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from '../lock.mjs';
import { isWhole, markWhole } from './complete.mjs';
import { SetupError } from './error.mjs';
import { checkHashes, listOf } from './hashes.mjs';
import { FILE_LIST, RECIPES } from './recipes.mjs';
import { fetchWith, seconds } from './run.mjs';

export const ENGINE_NAMES = ['kafka', 'clickhouse', 'elasticsearch', 'hive'];

const EMBEDDED = fileURLToPath(new URL('../embedded/', import.meta.url));
export const engineVersions = JSON.parse(readFileSync(join(EMBEDDED, 'versions.json'), 'utf8'));

const versionOf = (name) => RECIPES[name].version ?? engineVersions[name];

export const defaultCacheDir = (env) =>
  env.CLICKLEDGER_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'clickledger');

/** The folder of an engine's program. Its name contains a hash of the recipe: a changed recipe is another folder. */
export function engineHome(cacheDir, name) {
  const hash = createHash('sha256').update(versionOf(name));
  for (const file of RECIPES[name].files) hash.update(readFileSync(join(EMBEDDED, name, file)));
  return join(cacheDir, name, `${versionOf(name)}-${hash.digest('hex').slice(0, 8)}`);
}

/** Downloads those of the named engines that are not complete in the cache. Safe to call from several processes. */
export async function ensureEngines({ cacheDir, names, log }) {
  const missing = names.filter((name) => !isWhole(engineHome(cacheDir, name)));
  if (missing.length === 0) return;
  if (missing.includes('clickhouse')) checkPlatform();
  try {
    mkdirSync(cacheDir, { recursive: true });
  } catch (error) {
    throw new SetupError(`CLICKLEDGER_CACHE: ${cacheDir} cannot be written (${error.code})`);
  }
  // Programs are no secret, and one of them may have to run as another user.
  const umask = process.umask(0o022);
  await withLock(`cache ${cacheDir}`, log, async () => {
    // npm and Maven do not interfere; two Mavens would share one local repository.
    const byNpm = missing.filter((name) => RECIPES[name].tool === 'npm');
    const byMaven = missing.filter((name) => RECIPES[name].tool === 'mvn');
    const outcomes = await Promise.allSettled([inTurn(byNpm, cacheDir, log), inTurn(byMaven, cacheDir, log)]);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }).finally(() => process.umask(umask));
}

async function inTurn(names, cacheDir, log) {
  for (const name of names) await fetchEngine(name, cacheDir, log);
}

async function fetchEngine(name, cacheDir, log) {
  const home = engineHome(cacheDir, name);
  if (isWhole(home)) return;
  const what = titleOf(name);
  const since = Date.now();
  log(`${what}: fetching from ${RECIPES[name].source}`);
  removeHalfFinished(home);
  const aside = `${home}.tmp-${process.pid}`;
  await fetchInto(aside, name, cacheDir, log);
  // npm checks its packages by the lock file.
  if (isListed(name)) await checkHashes({ what, folder: aside, list: listFile(name) });
  const bytes = markWhole(aside);
  renameSync(aside, home);
  log(`${what}: fetched, ${Math.round(bytes / 1e6)} MB in ${seconds(since)}`);
}

const titleOf = (name) => `${name} ${versionOf(name)}`;
const listFile = (name) => join(EMBEDDED, name, FILE_LIST);
const isListed = (name) => RECIPES[name].files.includes(FILE_LIST);

/** Fetches an engine and writes down the SHA-256 of its files. */
export async function pinEngine(name, cacheDir, log) {
  const aside = join(cacheDir, `${name}.pin-${process.pid}`);
  await fetchInto(aside, name, cacheDir, log);
  writeFileSync(listFile(name), await listOf(aside));
  rmSync(aside, { recursive: true });
}

async function fetchInto(folder, name, cacheDir, log) {
  const recipe = RECIPES[name];
  const source = join(EMBEDDED, name);
  const { file, args, hint } = recipe.command({ folder, source, version: versionOf(name) });
  await fetchWith({
    what: titleOf(name),
    file,
    args,
    cwd: cacheDir,
    hint,
    log,
    logFile: join(cacheDir, 'logs', `${name}.log`),
    before: () => {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      recipe.prepare?.({ folder, source });
    },
  });
}

/** Under the lock no other process downloads, so incomplete folders were left by an interrupted set-up. */
function removeHalfFinished(home) {
  const folder = dirname(home);
  mkdirSync(folder, { recursive: true });
  for (const entry of readdirSync(folder)) {
    if (entry === basename(home) || entry.startsWith(`${basename(home)}.tmp-`)) {
      rmSync(join(folder, entry), { recursive: true, force: true });
    }
  }
}

function checkPlatform() {
  const glibc = process.report.getReport().header.glibcVersionRuntime !== undefined;
  if (process.platform === 'linux' && process.arch === 'x64' && glibc) return;
  throw new SetupError('embedded ClickHouse needs Linux on x64 with glibc: set CLICKHOUSE_URL to a server of your own');
}
