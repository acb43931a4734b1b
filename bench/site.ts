import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EventKind } from '../domain/event_kinds.ts';
import { databaseOf, groupsOf, minutesName, NO_DATABASE } from '../domain/names.ts';
import { type ClickHouseClient, createClickHouse } from '../infra/clients/clickhouse.ts';
import { createElasticsearch } from '../infra/clients/elasticsearch.ts';
import { type EngineUrls, engineUrls } from '../infra/clients/engines.ts';
import { type Admin, createKafka, ensureTopics, type Kafka } from '../infra/clients/kafka.ts';
import { type Config, readConfig } from '../infra/config.ts';
import { embeddedEngines } from '../infra/embedded/engines.ts';
import { type ElasticsearchAddress, hiveSettings, kafkaSettings } from '../infra/engine_settings/addresses.ts';
import { createLog } from '../infra/log.ts';
import { inDatabase, putTemplates, readMigrations } from '../infra/migrate.ts';
import { acceptStore, STORE_NAMES } from '../infra/preflight/stores.ts';
import { openRegister } from '../infra/register/open.ts';
import type { RoleName } from '../infra/role.ts';
import { defaultCacheDir, ENGINE_NAMES, type EngineName, ensureEngines } from '../infra/setup/engines.mjs';
import { statements } from '../infra/sql.ts';
import { freePort } from '../infra/supervisor/ports.ts';
import { Supervisor } from '../infra/supervisor/supervisor.ts';
import type { SpawnSpec } from '../infra/supervisor/types.ts';
import { topicSpecs } from '../infra/topics.ts';
import { openAddress, openBroker } from './open_broker.ts';
import { type Running, start } from './process.ts';
import { command, isReady } from './role.ts';
import { until } from './until.ts';

export const PARTITIONS = 8;

/** Separate engines in a temporary folder, with roles; everything is removed at the end. */
export class BenchSite {
  readonly folder: string;
  /** A new client for each round: an old one would keep requesting metadata of deleted topics. */
  admin: Admin;
  readonly clickhouse: ClickHouseClient;
  readonly config: Config;
  readonly urls: EngineUrls;
  readonly #kafka: Kafka;
  readonly #supervisor: Supervisor;
  readonly #running = new Set<Running>();
  readonly #reopen: () => Promise<BenchSite>;
  #another: BenchSite | null = null;
  /** Sources of another commit, whose roles and schema are used here; null: those of this checkout. */
  #code: string | null = null;
  #rounds = 0;

  private constructor(config: Config, supervisor: Supervisor, urls: EngineUrls, reopen: () => Promise<BenchSite>) {
    this.folder = config.dataDir;
    this.config = config;
    this.#supervisor = supervisor;
    this.urls = urls;
    this.#reopen = reopen;
    const log = createLog('bench');
    log.level = 'silent';
    this.#kafka = createKafka(urls.kafka, 'clickledger-bench', log);
    this.admin = this.#kafka.admin();
    this.clickhouse = createClickHouse(urls.clickhouse);
  }

  /**
   * @param clickhouseConfig a folder whose files ClickHouse merges into its configuration
   * @param kinds of events that it has topics and tables for, and that its roles work on
   */
  static async open(
    names: readonly EngineName[],
    report: (line: string) => void,
    clickhouseConfig?: URL,
    kinds: readonly EventKind[] = ['click'],
  ): Promise<BenchSite> {
    const cacheDir = defaultCacheDir(process.env);
    await ensureEngines({ cacheDir, names, log: report });
    const folder = mkdtempSync(join(tmpdir(), 'clickledger-bench-'));
    if (clickhouseConfig) {
      cpSync(fileURLToPath(clickhouseConfig), join(folder, 'engines', 'clickhouse'), { recursive: true });
    }
    const ports: Record<string, string> = {};
    for (const name of ENGINE_NAMES) ports[`${name.toUpperCase()}_PORT`] = String(await freePort());
    const config = readConfig({ DATA_DIR: folder, EVENT_KINDS: kinds.join(), ...ports });
    const supervisor = new Supervisor({ dataDir: folder, onEvent: () => undefined });
    for (const engine of embeddedEngines({ dataDir: folder, cacheDir, ports: config.ports }, names)) {
      const { kafka } = config.ports;
      const started = engine.name === 'kafka' ? openBroker(engine, folder, kafka) : engine;
      supervisor.add({ ...started, kind: 'engine' });
    }
    try {
      await supervisor.start();
      // A ClickHouse that is not used here has no password, and needs none.
      const none = { url: `http://127.0.0.1:${config.ports.clickhouse}`, login: null };
      const given = {
        kafka: openAddress(config.ports.kafka),
        ...(!names.includes('clickhouse') && { clickhouse: none }),
      };
      const urls = engineUrls({ ...config, urls: { ...config.urls, ...given } });
      return new BenchSite(config, supervisor, urls, () => BenchSite.open(names, report, clickhouseConfig, kinds));
    } catch (error) {
      await supervisor.stop();
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Another site like this one, which is closed with it. */
  async openAnother(): Promise<BenchSite> {
    this.#another ??= await this.#reopen();
    return this.#another;
  }

  /**
   * From now on uses the roles of another commit, the schema of emptied tables, and Elasticsearch's templates.
   * @param folder its sources; null for those here
   */
  async use(folder: string | null): Promise<void> {
    this.#code = folder;
    if (!this.#has('elasticsearch')) return;
    const { indices } = createElasticsearch(this.urls.elasticsearch);
    // A template that only the other commit has would also apply to this one.
    await indices.deleteIndexTemplate({ name: 'clickledger-*' }, { ignore: [404] });
    await this.putTemplates();
  }

  putTemplates(): Promise<void> {
    return putTemplates(
      createElasticsearch(this.urls.elasticsearch),
      this.#sqlDir === undefined ? {} : { sqlDir: this.#sqlDir },
    );
  }

  #has = (name: EngineName): boolean => this.#supervisor.rows().some((row) => row.name === name);

  get #sqlDir(): string | undefined {
    return this.#code === null ? undefined : join(this.#code, 'sql');
  }

  /** Migrates all engines. */
  async migrate(): Promise<void> {
    const folder = this.newFolder();
    const settings = { ...this.settings, DATA_DIR: this.folder };
    const migrating = this.start('migrate', folder, command(['migrate'], folder, settings, this.#code));
    await migrating.done();
  }

  /** A folder in which no role has run yet. */
  newFolder(): string {
    const folder = join(this.folder, `round-${this.#rounds++}`);
    mkdirSync(folder);
    return folder;
  }

  async emptyTopics(): Promise<void> {
    await this.admin.disconnect();
    this.admin = this.#kafka.admin();
    await this.admin.connect();
    await this.forgetSink();
    const specs = topicSpecs({
      partitions: { click: PARTITIONS, impression: PARTITIONS, conversion: PARTITIONS },
      eventKinds: this.config.eventKinds,
      regions: [],
    });
    const existing = async (): Promise<string[]> => {
      const topics = await this.admin.listTopics();
      return specs.map(({ topic }) => topic).filter((topic) => topics.includes(topic));
    };
    const old = await existing();
    if (old.length > 0) await this.admin.deleteTopics({ topics: old });
    await until('the old topics are gone', async () => (await existing()).length === 0);
    await ensureTopics(this.admin, specs);
  }

  /** Makes the sink start from the beginning. */
  forgetSink(): Promise<void> {
    return this.#forget(this.#groups.map(({ sink }) => sink));
  }

  /** Makes the archive start from the beginning. */
  forgetArchive(): Promise<void> {
    return this.#forget(this.#groups.map(({ archive }) => archive));
  }

  /** Makes the indexer start from the beginning. */
  forgetIndexer(): Promise<void> {
    return this.#forget(this.#groups.flatMap(({ indexer, tops }) => [indexer, tops]));
  }

  get #groups() {
    return this.config.eventKinds.map(groupsOf);
  }

  async #forget(names: string[]): Promise<void> {
    const { groups } = await this.admin.listGroups();
    const known = names.filter((name) => groups.some(({ groupId }) => groupId === name));
    if (known.length > 0) await this.admin.deleteGroups(known);
  }

  async emptyTables(): Promise<void> {
    const outside = createClickHouse(this.urls.clickhouse, { database: NO_DATABASE });
    for (const database of this.config.eventKinds.map(databaseOf)) {
      await outside.command({ query: `DROP DATABASE IF EXISTS ${database} SYNC` });
      await outside.command({ query: `CREATE DATABASE ${database}` });
      for (const { text } of readMigrations('clickhouse', this.#sqlDir)) {
        for (const query of statements(inDatabase(text, database))) await outside.command({ query });
      }
    }
    await outside.close();
  }

  /** Runs a role until `stop`; resolves when it is ready. */
  async startRole(role: RoleName, dataDir: string, settings: Record<string, string> = {}): Promise<Running> {
    // Its register is as new as its folder, and the stores were used before.
    const register = openRegister(readConfig({ DATA_DIR: dataDir }));
    for (const store of STORE_NAMES) await acceptStore(register, store, Date.now());
    const spec = command(['run', role], dataDir, { ...this.settings, ...settings }, this.#code);
    const running = this.start(role, dataDir, spec);
    await until(`${role} is ready`, async () => {
      running.check();
      return isReady(role, dataDir, running.pid);
    });
    return running;
  }

  /** Runs a TypeScript program of a benchmark. Secrets are passed in its environment. */
  startProgram(name: string, path: string, args: string[]): Running {
    return this.start(name, this.newFolder(), {
      file: process.execPath,
      args: ['--import', import.meta.resolve('tsx'), path, ...args],
      env: { ...process.env, ...this.settings },
      cwd: this.folder,
      stdin: 'pipe',
    });
  }

  start(name: string, dataDir: string, spec: SpawnSpec): Running {
    const running = start(name, dataDir, spec);
    this.#running.add(running);
    return running;
  }

  /** The queue as the indexer reads it. */
  get queue() {
    return { kafka: this.#kafka, topic: minutesName('click'), group: groupsOf('click').indexer };
  }

  /** Addresses of its engines, and that it is one of clicks, for processes that use them. */
  get settings(): Record<string, string> {
    const { kafka, clickhouse, elasticsearch, hive } = this.urls;
    return {
      ...kafkaSettings(kafka),
      CLICKHOUSE_URL: withLogin(clickhouse.url, clickhouse.login),
      ELASTICSEARCH_URL: withLogin(elasticsearch.nodes[0], elasticsearch.login),
      ...hiveSettings(hive),
      EVENT_KINDS: this.config.eventKinds.join(),
    };
  }

  /** Process ids of its engines, by name. */
  get engines(): Record<string, number> {
    return Object.fromEntries(this.#supervisor.rows().map(({ name, pid }) => [name, Number(pid)]));
  }

  async close(): Promise<void> {
    await this.#another?.close();
    await Promise.all([...this.#running].map((each) => each.stop()));
    await Promise.allSettled([this.admin.disconnect(), this.clickhouse.close()]);
    await this.#supervisor.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** As a setting has it: for programs of a benchmark, on engines of its own. */
function withLogin(text = '', login: ElasticsearchAddress['login']): string {
  const url = new URL(text);
  if (login !== null && 'password' in login) Object.assign(url, login);
  return url.href;
}
