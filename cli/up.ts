import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { Registry } from 'prom-client';
import { PLURAL } from '../domain/event_kinds.ts';
import type { Config } from '../infra/config.ts';
import { closeDataDir } from '../infra/data_dir/close.ts';
import { embeddedEngines } from '../infra/embedded/engines.ts';
import { jvmMetrics } from '../infra/embedded/jvm_metrics.ts';
import { applicationPasswordFile, ensurePassword, SECURED } from '../infra/embedded/password.ts';
import { forgetTarget, nameTarget, serveMetrics } from '../infra/metrics_endpoint.ts';
import { MigrationChangedError } from '../infra/migrate.ts';
import { kindsNotAskedFor, readPlatformConfig } from '../infra/platform_config.ts';
import { requireKnownFormat } from '../infra/register/formats.ts';
import { openRegister } from '../infra/register/open.ts';
import { onceInputEnds, ROLES, type RoleName, readRoleFile } from '../infra/role.ts';
import { MIGRATE } from '../infra/schema.ts';
import { withoutSecrets } from '../infra/secrets.ts';
import { defaultCacheDir, ENGINE_NAMES, type EngineName, ensureEngines } from '../infra/setup/engines.mjs';
import { superviseMetrics } from '../infra/supervisor/metrics.ts';
import { Supervisor } from '../infra/supervisor/supervisor.ts';
import { type ProcessDefinition, type ProcessEvent, StartError } from '../infra/supervisor/types.ts';
import { DEMO_RATE, demoLog } from '../infra/traffic/demo.ts';
import { writeTraffic } from '../infra/traffic/traffic.ts';

const MAIN = fileURLToPath(new URL('clickledger.mjs', import.meta.url));

/** A role waits for the engines it cannot work without; the API answers with those available. */
const NEEDS: Record<RoleName, EngineName[]> = {
  ingest: ['kafka'],
  realtime: ['kafka', 'clickhouse'],
  publisher: ['kafka', 'clickhouse'],
  archive: ['kafka'],
  nightly: ['kafka', 'clickhouse', 'hive'],
  indexer: ['kafka', 'elasticsearch'],
  api: [],
};

/** Processes that may become ready later than the rest. */
const WITH_HIVE = ['hive', ...ROLES.filter((role) => NEEDS[role].includes('hive'))];

/**
 * Hive takes half a minute of both cores of a small machine, and only the nightly runs wait for it: the others start
 * first. Its migrations are recorded in ClickHouse.
 */
const STARTS_AFTER: Record<EngineName, EngineName[]> = {
  kafka: [],
  clickhouse: [],
  elasticsearch: [],
  hive: ['kafka', 'clickhouse', 'elasticsearch'],
};

export const upCommand = (): Command => new Command('up').action(async () => up(await readPlatformConfig(process.env)));

async function up(config: Config): Promise<void> {
  const supervisor = new Supervisor({ dataDir: config.dataDir, onEvent: printEvent });
  let isStopping = false;
  let isNamed = false;
  const stop = (code: number): void => {
    isStopping = true;
    supervisor.stop().then(() => {
      if (isNamed) forgetTarget(config.dataDir, 'up');
      say('stopped');
      process.exit(code);
    });
  };
  process.on('SIGTERM', () => stop(0));
  process.on('SIGINT', () => stop(0));
  if (process.env.CLICKLEDGER_SUPERVISED === '1') onceInputEnds(() => stop(0));
  try {
    closeDataDir(config);
    await requireKnownFormat(openRegister(config));
    const kinds = kindsNotAskedFor(config);
    if (kinds !== null) say(kinds);
    const embedded = ENGINE_NAMES.filter((name) => config.urls[name] === undefined);
    const { dataDir, ports } = config;
    const cacheDir = defaultCacheDir(process.env);
    await ensureEngines({ cacheDir, names: embedded, log: say });
    await mkdir(dirname(config.logGlob.replace(/[*?[{].*$/, 'x')), { recursive: true });
    // Hive's migrations are recorded in ClickHouse, so Hive cannot come before it.
    const withClickHouse = embedded.includes('clickhouse') && !embedded.includes('hive');
    for (const name of ENGINE_NAMES) {
      if (!embedded.includes(name) && !(name === 'hive' && withClickHouse)) await MIGRATE[name](config, say);
    }
    // The API starts before any engine does, and has to know how it will reach them.
    for (const name of SECURED) if (embedded.includes(name)) ensurePassword(applicationPasswordFile(dataDir, name));
    const engines = embeddedEngines({ dataDir, cacheDir, ports }, embedded);
    for (const engine of engines) {
      const migrated = migrateOnce(
        engine.name === 'clickhouse' && withClickHouse ? ['clickhouse', 'hive'] : [engine.name],
        config,
      );
      supervisor.add({
        name: engine.name,
        kind: 'engine',
        startsAfter: STARTS_AFTER[engine.name].filter((other) => embedded.includes(other)),
        ports: engine.ports,
        prepare: () => engine.prepare(),
        command: () => engine.command(),
        ready: async () => (await engine.ready()) && (await migrated()),
      });
    }
    for (const role of ROLES) supervisor.add(roleProcess(role, config, embedded, supervisor));
    const metrics = new Registry();
    superviseMetrics(metrics, () => supervisor.rows());
    jvmMetrics(metrics, engines, () => supervisor.rows());
    const { url } = await serveMetrics(() => metrics.metrics(), config.metricsListen);
    // A second one on this folder is refused before it would take the first one's place.
    await supervisor.lock();
    nameTarget(dataDir, 'up', url);
    isNamed = true;
    await supervisor.start(embedded.includes('hive') ? WITH_HIVE : []);
    if (config.demoTraffic) startDemoTraffic(config);
    say(`ready http://${config.api.host}:${config.api.port}`);
    await supervisor.untilReady();
    say('all ready');
  } catch (error) {
    if (isStopping) return;
    process.stderr.write(withoutSecrets(`clickledger: ${error instanceof Error ? error.message : String(error)}\n`));
    stop(1);
  }
}

/** Part of an engine's first readiness, so that a role that waits for the engine finds its tables. */
function migrateOnce(names: EngineName[], config: Config): () => Promise<boolean> {
  let isDone = false;
  return async () => {
    if (isDone) return true;
    try {
      for (const name of names) await MIGRATE[name](config, say);
    } catch (error) {
      throw error instanceof MigrationChangedError ? new StartError(error.message) : error;
    }
    isDone = true;
    return true;
  };
}

function roleProcess(
  role: RoleName,
  config: Config,
  embedded: EngineName[],
  supervisor: Supervisor,
): ProcessDefinition {
  return {
    name: role,
    kind: 'role',
    dependsOn: NEEDS[role].filter((engine) => embedded.includes(engine)),
    ports: role === 'api' ? [{ setting: 'API_PORT', port: config.api.port }] : [],
    command: () => ({
      file: process.execPath,
      args: [MAIN, 'run', role],
      // A role must not find out for itself, while the register is being filled, which kinds are run.
      // METRICS_LISTEN is for a role alone on its host or in its container: here each finds a free port. Only the API needs
      // its own settings: a file of tokens that is being edited must not keep another role from starting.
      env: {
        ...without(process.env, 'METRICS_LISTEN', ...(role === 'api' ? [] : OF_THE_API)),
        EVENT_KINDS: config.eventKinds.join(),
        CLICKLEDGER_SUPERVISED: '1',
      },
      cwd: process.cwd(),
      stdin: 'pipe',
    }),
    ready: async () => {
      const pid = supervisor.rows().find((row) => row.name === role)?.pid;
      const file = readRoleFile(config.dataDir, role);
      return file.pid === pid && file.ready;
    },
  };
}

const OF_THE_API = ['API_HOST', 'API_TOKENS', 'API_TOKENS_FILE'];

const without = (env: NodeJS.ProcessEnv, ...names: string[]): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));

function startDemoTraffic(config: Config): void {
  const file = demoLog(config.dataDir);
  const beside = config.eventKinds.filter((kind) => kind !== 'click');
  const others = beside.map((kind) => `, ${PLURAL[kind]}`).join('');
  say(`demo        writing ${DEMO_RATE} clicks/s${others} to ${file} (DEMO_TRAFFIC=off to do without)`);
  writeTraffic({ file, rate: DEMO_RATE, seconds: Number.POSITIVE_INFINITY, ads: 200, seed: 1, beside }).catch(
    (error) => {
      process.stderr.write(`clickledger: demo traffic ended: ${error.message}\n`);
    },
  );
}

function printEvent({ name, state, ms, reason }: ProcessEvent): void {
  if (state === 'ready') say(`${name.padEnd(11)} ready in ${(ms / 1000).toFixed(1)} s`);
  else say(`${name.padEnd(11)} ${state}${reason ? `: ${reason}` : ''}`);
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
