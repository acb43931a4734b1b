import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './error.mjs';
import { applyPatches, hashOfPatches } from './patches.mjs';
import { fetchWith, NPM_OPTIONS, seconds } from './run.mjs';

/**
 * Ensures that node_modules of `root` matches package-lock.json plus patches/. `npm ci` runs unless it does already, and
 * whenever packages may have been changed by older patches, which cannot be reverted.
 */
export async function ensurePackages({ root, cacheDir, log }) {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  // In node_modules, so that removing or rebuilding that folder also removes the stamp.
  const stamp = join(root, 'node_modules', '.clickledger-lock');
  const wanted = { lock: createHash('sha256').update(lock).digest('hex'), patches: hashOfPatches(root) };
  const had = stamped(stamp);
  if (had?.lock === wanted.lock && had.patches === wanted.patches) return;
  const isUsable =
    (had === undefined || had.patches === wanted.patches) &&
    agrees(JSON.parse(lock), read(join(root, 'node_modules', '.package-lock.json')));
  if (!isUsable || applyPatches(root) !== undefined) {
    await install({ root, cacheDir, log });
    const failure = applyPatches(root);
    if (failure)
      throw new SetupError(`patches/ cannot be applied: ${failure} (patches/README.md says how to renew one)`);
  }
  writeFileSync(stamp, JSON.stringify(wanted));
}

async function install({ root, cacheDir, log }) {
  const since = Date.now();
  log('packages: npm ci');
  await fetchWith({
    what: 'packages: npm ci',
    file: 'npm',
    args: ['ci', '--include=dev', ...NPM_OPTIONS],
    cwd: root,
    logFile: join(cacheDir, 'logs', 'npm-ci.log'),
    hint: 'check the network and the npm registry or proxy settings, then run it again',
    log,
  });
  log(`packages: installed in ${seconds(since)}`);
}

/** The recorded state of the installed packages; before patches existed it was a hash alone. */
function stamped(path) {
  const text = read(path);
  if (text === undefined) return undefined;
  return text.startsWith('{') ? JSON.parse(text) : { lock: text, patches: undefined };
}

/** Whether npm's record of installed packages matches the lock file. */
function agrees(lock, installedText) {
  if (installedText === undefined) return false;
  const installed = JSON.parse(installedText).packages ?? {};
  return Object.entries(lock.packages).every(([path, wanted]) => {
    const had = installed[path];
    if (path === '' || (had === undefined && (wanted.optional || wanted.devOptional))) return true;
    return had?.version === wanted.version && had?.integrity === wanted.integrity;
  });
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
