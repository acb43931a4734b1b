import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const STRICT = ['--error-on-fail', '--error-on-warn'];

/** The files of patches/, in order; they change installed packages. */
export const patchFiles = (root) =>
  readdirSync(join(root, 'patches'))
    .filter((name) => name.endsWith('.patch'))
    .sort()
    .map((name) => join(root, 'patches', name));

export function hashOfPatches(root) {
  const hash = createHash('sha256');
  for (const path of patchFiles(root)) hash.update(`${path.slice(root.length)}\0`).update(readFileSync(path));
  return hash.digest('hex');
}

/**
 * Changes the installed packages as patches/ says; one that is changed already stays so. Returns why it could not be
 * done, in one line, or undefined. A package of another version than its patch was made for is one of the reasons.
 */
export function applyPatches(root) {
  const program = join(root, 'node_modules', 'patch-package', 'index.js');
  const { status, error, stdout } = spawnSync(process.execPath, [program, ...STRICT], { cwd: root, encoding: 'utf8' });
  if (status === 0) return undefined;
  const said = stripVTControlCharacters(stdout ?? '');
  const versions = /Patch file created for\s+(\S+)\s+applied to\s+(\S+)/.exec(said);
  if (versions) return `the patch is for ${versions[1]}, installed is ${versions[2]}`;
  const failure = /^(?:\*\*ERROR\*\*|Error:) (.*?)(?: at path)?$/m.exec(said)?.[1];
  return failure ?? error?.message ?? `patch-package ended with ${status}`;
}
