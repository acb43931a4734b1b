import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesIn, hashOfFiles } from './builds.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Below the root. */
export const DASHBOARD_SOURCES = join('serving', 'dashboard');

/**
 * The folder of the dashboard that is built from the current sources, which need not exist. A hash of them, of the
 * packages and of how they are built names it, so that a page of other sources is never served.
 */
export function dashboardFolder(root = ROOT) {
  const isSource = (name) => !/\.(test|d)\.ts$/.test(name);
  const paths = [
    ...filesIn(join(root, DASHBOARD_SOURCES), isSource),
    join(root, 'package-lock.json'),
    join(root, 'infra', 'setup', 'dashboard.mjs'),
  ];
  return join(root, 'dist', `dashboard-${hashOfFiles(root, paths)}`);
}

/** The same, or null if it has not been built. */
export function builtDashboard(root = ROOT) {
  const folder = dashboardFolder(root);
  return existsSync(folder) ? folder : null;
}
