import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildOnce, filesIn, hashOfFiles } from './builds.mjs';
import { DASHBOARD_SOURCES } from './dashboard_folder.mjs';
import { patchFiles } from './patches.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SOURCE_FOLDERS = ['domain', 'ingest', 'realtime', 'batch', 'serving', 'infra', 'audit', 'prove', 'cli', 'bench'];
const ENTRY = 'cli/main.ts';

/**
 * Not bundled: kafkajs, because prove/failpoints/preload.mjs ends a process around what its Broker does, and must have
 * the very module that the program has; packages with native code or files of their own that they look for beside
 * themselves; and what only a benchmark or the set-up loads.
 */
const EXTERNAL = ['kafkajs', '@duckdb/*', 'swagger-ui-dist', 'esbuild', 'tsx', 'hive-driver'];

/**
 * URL of the program built from the current sources, for import. Builds it if needed: a bundle loads in a third of the
 * processor time of the sources. Its folder is named by a hash of all inputs, so a bundle of other sources is never
 * run.
 */
export async function bundledProgram(root = ROOT, log = () => {}) {
  const folder = join(root, 'dist', hashOfFiles(root, sourcesOf(root)));
  await buildOnce({ folder, what: 'program', log, build: (aside) => build(root, aside) });
  return pathToFileURL(join(folder, 'main.mjs')).href;
}

/**
 * Sources, the packages they are built with, patched, and how they are built (this file is a source). The dashboard is
 * built by itself.
 */
function sourcesOf(root) {
  const isSource = (name) => /\.(ts|mjs|json)$/.test(name) && !/\.test\.ts$/.test(name);
  const dashboard = join(root, DASHBOARD_SOURCES);
  return [
    ...SOURCE_FOLDERS.flatMap((folder) => filesIn(join(root, folder), isSource)).filter(
      (path) => !path.startsWith(dashboard),
    ),
    join(root, 'package-lock.json'),
    ...patchFiles(root),
  ];
}

async function build(root, folder) {
  const esbuild = await import('esbuild');
  const building = esbuild.build({
    absWorkingDir: root,
    entryPoints: [ENTRY],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap: true,
    sourcesContent: false,
    external: EXTERNAL,
    // CommonJS packages call require() for Node's built-in modules.
    banner: {
      js: [
        "import { createRequire as createRequireOfBundle } from 'node:module';",
        'const require = createRequireOfBundle(import.meta.url);',
        "const rootOfBundle = new URL('../../', import.meta.url).href;",
      ].join('\n'),
    },
    plugins: [ownUrls(root)],
    logLevel: 'silent',
  });
  // Otherwise a process of esbuild's outlives the build.
  await building.finally(() => esbuild.stop());
}

/** Our sources find SQL, templates and scripts by their own URL; in the bundle each keeps its original URL. */
const ownUrls = (root) => ({
  name: 'own-urls',
  setup(build) {
    build.onLoad({ filter: /\.(ts|mjs)$/ }, ({ path }) => {
      const file = relative(root, path);
      if (file.startsWith('..') || file.includes('node_modules')) return undefined;
      const source = readFileSync(path, 'utf8');
      return {
        contents: source.replaceAll('import.meta.url', `new URL(${JSON.stringify(file)}, rootOfBundle).href`),
        loader: path.endsWith('.ts') ? 'ts' : 'js',
      };
    });
  },
});
