import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildOnce } from './builds.mjs';
import { DASHBOARD_SOURCES, dashboardFolder } from './dashboard_folder.mjs';
import { SetupError } from './error.mjs';
import { seconds } from './run.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Builds the dashboard if its sources have changed since, and returns its folder. Null where it cannot be built, because
 * its packages are not installed or nothing may be written: everything else works without it.
 */
export async function ensureDashboard({ root = ROOT, log = () => {} } = {}) {
  const folder = dashboardFolder(root);
  try {
    await buildOnce({ folder, what: 'dashboard', log, build: (aside) => build(root, aside, log) });
  } catch (error) {
    const isMissing = error.code === 'ERR_MODULE_NOT_FOUND';
    if (!isMissing && !(error instanceof SetupError)) throw error;
    const why = isMissing ? 'its packages are not installed (npm ci --include=dev)' : error.message;
    log(`dashboard: not built: ${why}`);
    return null;
  }
  return folder;
}

async function build(root, outDir, log) {
  const since = Date.now();
  const vite = await import('vite');
  // Otherwise a test builds React as for development, under the same name.
  const { NODE_ENV } = process.env;
  process.env.NODE_ENV = 'production';
  const building = vite.build({
    root: join(root, DASHBOARD_SOURCES),
    configFile: false,
    envDir: false,
    publicDir: false,
    logLevel: 'silent',
    build: {
      outDir,
      // The API tells browsers to keep for ever what lies here: each name has a hash of its content.
      assetsDir: 'assets',
      // A data: URL would need an exception of the page's Content-Security-Policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      // The licences of all packages that are built in.
      license: { fileName: 'assets/licenses.md' },
    },
  });
  await building.finally(() => {
    if (NODE_ENV === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = NODE_ENV;
  });
  log(`dashboard: built in ${seconds(since)}`);
}
