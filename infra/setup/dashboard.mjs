import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
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

/** Scripts of the page become one; this one is to run while that is still being read. */
const startFirst = {
  name: 'start-first',
  transformIndexHtml: {
    order: 'post',
    handler(_html, { bundle }) {
      const start = Object.values(bundle).find(({ name, isEntry }) => isEntry && name === 'start');
      return [{ tag: 'script', attrs: { type: 'module', src: `/${start.fileName}` }, injectTo: 'head-prepend' }];
    },
  },
};

async function build(root, outDir, log) {
  const since = Date.now();
  const vite = await import('vite');
  // Otherwise a test builds React as for development, under the same name.
  const { NODE_ENV } = process.env;
  process.env.NODE_ENV = 'production';
  const sources = join(root, DASHBOARD_SOURCES);
  const building = vite.build({
    root: sources,
    plugins: [startFirst],
    configFile: false,
    envDir: false,
    publicDir: false,
    logLevel: 'silent',
    build: {
      outDir,
      // The API tells browsers to keep for ever what lies here: each name has a hash of its content.
      assetsDir: 'assets',
      rollupOptions: { input: { index: join(sources, 'index.html'), start: join(sources, 'start.ts') } },
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
  compressAssets(join(outDir, 'assets'));
  log(`dashboard: built in ${seconds(since)}`);
}

/** The API sends these as they are: to compress the script anew takes longer than to start it. */
function compressAssets(folder) {
  for (const name of readdirSync(folder)) {
    writeFileSync(join(folder, `${name}.gz`), gzipSync(readFileSync(join(folder, name)), { level: 9 }));
  }
}
