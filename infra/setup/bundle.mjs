import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { withLock } from '../lock.mjs';
import { SetupError } from './error.mjs';
import { patchFiles } from './patches.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SOURCE_FOLDERS = ['domain', 'ingest', 'realtime', 'batch', 'serving', 'infra', 'audit', 'prove', 'cli', 'bench'];
const ENTRY = 'cli/main.ts';
/**
 * Processes of older sources may still load chunks of their build: the latest builds are kept, and those of the last
 * day.
 */
const KEPT_BUILDS = 5;
const KEPT_MS = 24 * 3_600_000;

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
  const folder = join(root, 'dist', hashOfSources(root));
  const program = pathToFileURL(join(folder, 'main.mjs')).href;
  if (existsSync(folder)) return program;
  await withLock(`bundle ${root}`, log, async () => {
    if (!existsSync(folder)) await build(root, folder).catch(explain(root));
  });
  return program;
}

const explain = (root) => (error) => {
  if (!['EACCES', 'EROFS', 'EPERM'].includes(error.code)) throw error;
  throw new SetupError(
    `the program cannot be built in ${join(root, 'dist')} (${error.code}): run it once as a user who may write there`,
  );
};

/** Sources with their paths, the packages they are built with, patched, and how they are built (this file is a source). */
function hashOfSources(root) {
  const hash = createHash('sha256');
  const add = (path) => {
    const content = readFileSync(path);
    hash.update(`${relative(root, path)}\0${content.length}\0`).update(content);
  };
  for (const folder of SOURCE_FOLDERS) for (const path of sourcesIn(join(root, folder))) add(path);
  add(join(root, 'package-lock.json'));
  for (const path of patchFiles(root)) add(path);
  return hash.digest('hex').slice(0, 16);
}

function sourcesIn(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : sourcesIn(path);
      return /\.(ts|mjs|json)$/.test(entry.name) && !/\.test\.ts$/.test(entry.name) ? [path] : [];
    });
}

/** Built under a temporary name and renamed, so that an interrupted build is never taken for a complete one. */
async function build(root, folder) {
  const esbuild = await import('esbuild');
  const aside = `${folder}.tmp-${process.pid}`;
  mkdirSync(join(root, 'dist'), { recursive: true });
  rmSync(aside, { recursive: true, force: true });
  const building = esbuild.build({
    absWorkingDir: root,
    entryPoints: [ENTRY],
    outdir: aside,
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
  renameSync(aside, folder);
  removeOldBuilds(join(root, 'dist'));
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

function removeOldBuilds(folder) {
  const builds = readdirSync(folder).map((name) => ({
    path: join(folder, name),
    at: statSync(join(folder, name)).mtimeMs,
  }));
  builds.sort((a, b) => b.at - a.at);
  for (const { path, at } of builds.slice(KEPT_BUILDS)) {
    if (Date.now() - at > KEPT_MS) rmSync(path, { recursive: true, force: true });
  }
}
