import { fileURLToPath } from 'node:url';
import { withLock } from '../lock.mjs';
import { ensureDashboard } from './dashboard.mjs';
import { defaultCacheDir, ENGINE_NAMES, ensureEngines } from './engines.mjs';
import { SetupError } from './error.mjs';
import { ensurePackages } from './packages.mjs';
import { checkJava } from './tools.mjs';

export { SetupError };

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const URL_SETTINGS = {
  kafka: 'KAFKA_BROKERS',
  clickhouse: 'CLICKHOUSE_URL',
  elasticsearch: 'ELASTICSEARCH_URL',
  hive: 'HIVE_URL',
};
const JVM_ENGINES = ['kafka', 'elasticsearch', 'hive'];

/** The engines to embed: those without a URL setting. */
const embeddedNames = (env) => ENGINE_NAMES.filter((name) => !env[URL_SETTINGS[name]]);

export async function setUp(env, log) {
  const cacheDir = defaultCacheDir(env);
  const names = embeddedNames(env);
  if (names.some((name) => JVM_ENGINES.includes(name))) await checkJava(env, cacheDir);
  await withLock(`setup ${ROOT}`, log, () => ensurePackages({ root: ROOT, cacheDir, log }));
  await Promise.all([ensureEngines({ cacheDir, names, log }), ensureDashboard({ log })]);
}
