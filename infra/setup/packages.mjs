import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchWith, NPM_OPTIONS, seconds } from './run.mjs';

/** Runs `npm ci` in `root` unless node_modules already matches package-lock.json. */
export async function ensurePackages({ root, cacheDir, log }) {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  // In node_modules, so that removing or rebuilding that folder also removes the stamp.
  const stamp = join(root, 'node_modules', '.clickledger-lock');
  const hash = createHash('sha256').update(lock).digest('hex');
  if (read(stamp) === hash) return;
  if (!agrees(JSON.parse(lock), read(join(root, 'node_modules', '.package-lock.json')))) {
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
  writeFileSync(stamp, hash);
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
