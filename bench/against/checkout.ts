import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The sources of another commit, with their packages, ready to run. */
export interface Checkout {
  /** As given by the user: a branch, a tag, a hash. */
  ref: string;
  /** Short hash. */
  commit: string;
  folder: string;
  remove(): void;
}

/** A user error: the reference names no commit here. */
class NoSuchRef extends Error {}

/** The full hash of the commit that `ref` names in this clone. */
export function commitOf(ref: string, root = ROOT): string {
  if (!existsSync(join(root, '.git'))) {
    throw new NoSuchRef(`${root} is no git clone, so there is no other commit to compare with`);
  }
  try {
    return git(root, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`).trim();
  } catch {
    throw new NoSuchRef(`there is no commit "${ref}" in this clone (branches of others may need a "git fetch")`);
  }
}

/**
 * Extracts the sources of a commit into a temporary folder: from an archive, since a work tree would stay registered in
 * the clone if this process were killed.
 */
export function checkOut(ref: string, report: (line: string) => void, root = ROOT): Checkout {
  const hash = commitOf(ref, root);
  const folder = mkdtempSync(join(tmpdir(), 'clickledger-against-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const sources = join(folder, 'sources');
    layOut(hash, sources, root);
    installPackages(sources, root, report);
    return { ref, commit: hash.slice(0, 7), folder: sources, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Extracts the sources of a commit of this clone into a new folder. */
export function layOut(commit: string, folder: string, root = ROOT): void {
  mkdirSync(folder, { recursive: true });
  const archive = `${folder}.tar`;
  try {
    git(root, 'archive', '--format=tar', `--output=${archive}`, commit);
    execFileSync('tar', ['-xf', archive, '-C', folder]);
  } finally {
    rmSync(archive, { force: true });
  }
}

const git = (cwd: string, ...args: string[]): string =>
  execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** The packages of this checkout if both need the same, else its own. */
function installPackages(sources: string, root: string, report: (line: string) => void): void {
  const lock = (folder: string): string => readFileSync(join(folder, 'package-lock.json'), 'utf8');
  if (lock(sources) === lock(root)) {
    symlinkSync(join(root, 'node_modules'), join(sources, 'node_modules'));
    return;
  }
  report('its packages differ from those here and are installed');
  // An engine with an external URL is not downloaded.
  const elsewhere = { KAFKA_BROKERS: '-', CLICKHOUSE_URL: '-', ELASTICSEARCH_URL: '-', HIVE_URL: '-' };
  execFileSync(process.execPath, [join(sources, 'infra', 'setup', 'setup.mjs')], {
    env: { ...process.env, ...elsewhere },
    stdio: ['ignore', 2, 2],
  });
}
