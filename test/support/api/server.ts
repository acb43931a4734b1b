import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import type { EventKind } from '../../../domain/event_kinds.ts';
import { databaseOf, NO_DATABASE, stateIndexOf } from '../../../domain/names.ts';
import { rawKeptSinceMs } from '../../../domain/retention.ts';
import { createClickHouse } from '../../../infra/clients/clickhouse.ts';
import { createElasticsearch } from '../../../infra/clients/elasticsearch.ts';
import { engineUrls } from '../../../infra/clients/engines.ts';
import { type ApiToken, type Config, readConfig } from '../../../infra/config.ts';
import { LOOPBACK_NAMES } from '../../../infra/hosts.ts';
import { clickHouseOf, hiveOf } from '../../../infra/kinds.ts';
import { createLog } from '../../../infra/log.ts';
import { migrateClickHouse } from '../../../infra/migrate.ts';
import { openRegister } from '../../../infra/register/open.ts';
import { createApp } from '../../../serving/api/app.ts';
import { serverOf } from '../../../serving/api/http/server.ts';
import { questionTurns } from '../../../serving/api/questions/turns.ts';
import { clickHousePools } from '../../../serving/api/stores/clickhouse_pools.ts';
import { createArchive } from '../../../serving/api/stores/hive_sessions.ts';
import { boundaryId, putVersioned } from '../../../serving/documents/state.ts';
import { clear, fillWorld } from './fill.ts';
import { LAST_MS, makeRows, type Row, seededRandom } from './world.ts';

/** An address without any engine. */
export const NOWHERE = 'http://127.0.0.1:1';
const NOW = LAST_MS + 12_345;

type Deps = Parameters<typeof createApp>[0];
type Options = Partial<Omit<Deps, 'tokens'>> & { tokens?: ApiToken[] };

/** APIs in this process, each at its own port. */
export class Servers {
  readonly #servers: Server[] = [];
  readonly #config: Config;
  readonly #log = createLog('api-test');

  constructor(config: Config) {
    this.#config = config;
    this.#log.level = 'silent';
  }

  /** Returns its address. */
  async serve({ tokens = [], ...deps }: Options & Pick<Deps, 'stores' | 'now'>): Promise<string> {
    const app = createApp({
      otherStores: [],
      register: openRegister(this.#config),
      turns: questionTurns(new Registry()),
      readLags: async () => ({}),
      readFindings: async () => [],
      placesOf: async () => [],
      logFileOf: () => null,
      rejectedLines: { list: async () => ({ reasons: [], rejected: [] }) },
      log: this.#log,
      latenessMs: 2_000,
      metrics: new Registry(),
      tokens: () => tokens,
      allowedHosts: LOOPBACK_NAMES,
      trustProxy: null,
      rateLimit: 1_000_000,
      auditFolder: join(this.#config.dataDir, 'audit-of-tests'),
      dashboardFolder: null,
      ...deps,
    });
    const server = serverOf(app);
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  close(): void {
    for (const server of this.#servers) server.close();
  }
}

export interface World {
  /** Prefix of the ids of its ads. */
  prefix: string;
  rows: Row[];
  /** The current time of its APIs. */
  now: number;
  clickhouse: ReturnType<typeof createClickHouse>;
  stores: Deps['stores'];
  /** The other kinds of events, and the rows of each. */
  otherStores: Stores[];
  rowsOf: ReadonlyMap<EventKind, Row[]>;
  /** Starts an API on these engines; returns its address. */
  serve(options?: Options): Promise<string>;
  stop(): Promise<void>;
}

type Stores = Deps['stores'];

/** One client for all questions. */
export const inAllPools = (clickhouse: Stores['clickhouse']): Pick<Stores, 'clickhouse' | 'slow' | 'ledger'> => ({
  clickhouse,
  slow: clickhouse,
  ledger: clickhouse,
});

/** What questions about clicks are answered from. */
export const storesOfClicks = (
  engines: Pick<Stores, 'clickhouse' | 'elasticsearch' | 'archive'> & Partial<Stores>,
  stateIndex: string,
  realtimePartitions: number[],
): Stores => ({
  ...inAllPools(engines.clickhouse),
  ...engines,
  event: 'click',
  firstRunMs: null,
  // Nothing is on record: what may have been dropped is that of the default rule.
  rawSinceMs: async (nowMs) => rawKeptSinceMs(nowMs),
  minutesGone: async () => new Set(),
  stateIndex,
  realtimePartitions,
});

const SEEDS: Record<EventKind, number> = { click: 20_170_401, impression: 20_170_402, conversion: 20_170_403 };

/** Fills the engines with the clicks of world.ts, and with as many events of other kinds, each in its own database. */
export async function startWorld(
  env: Record<string, string>,
  name: string,
  otherKinds: Exclude<EventKind, 'click'>[] = [],
): Promise<World> {
  const config = readConfig(env);
  const urls = engineUrls(config);
  const prefix = `${name}-${randomUUID().slice(0, 8)}`;
  const elasticsearch = createElasticsearch(urls.elasticsearch);
  const log = createLog(name);
  log.level = 'silent';
  const rowsOf = new Map<EventKind, Row[]>();
  const all: Stores[] = [];
  const clients: World['clickhouse'][] = [];
  for (const event of ['click', ...otherKinds] as const) {
    const stateIndex = `${stateIndexOf(event)}-${prefix}`;
    const clickhouse = clickHouseOf(config, event);
    if (event !== 'click') {
      const clickhouse = createClickHouse(urls.clickhouse, { database: NO_DATABASE });
      await migrateClickHouse({ clickhouse, database: databaseOf(event) }, () => {});
      await clickhouse.close();
    }
    const rows = makeRows(prefix, seededRandom(SEEDS[event]));
    await clear(clickhouse, elasticsearch, event);
    await fillWorld(clickhouse, elasticsearch, stateIndex, rows, event);
    await putVersioned(elasticsearch, stateIndex, boundaryId(2), NOW, { boundary_ms: NOW, watermark_ms: NOW });
    const archive = createArchive(() => hiveOf(config, event, log));
    rowsOf.set(event, rows);
    clients.push(clickhouse);
    const engines = { ...clickHousePools(config, event), elasticsearch, archive };
    all.push({ ...storesOfClicks(engines, stateIndex, [0, 1, 2]), event });
  }

  const servers = new Servers(config);
  const [stores, ...otherStores] = all as [Stores, ...Stores[]];
  return {
    prefix,
    rows: rowsOf.get('click') ?? [],
    rowsOf,
    now: NOW,
    clickhouse: clients[0] as World['clickhouse'],
    stores,
    otherStores,
    serve: (options = {}) =>
      servers.serve({
        stores,
        otherStores,
        readLags: async () => ({ clicks: { archive: 7 } }),
        now: () => NOW,
        ...options,
      }),
    async stop() {
      servers.close();
      for (const [n, { clickhouse, slow, ledger, archive, event, stateIndex }] of all.entries()) {
        const client = clients[n] as World['clickhouse'];
        await clear(client, elasticsearch, event);
        await elasticsearch.indices.delete({ index: stateIndex });
        await Promise.all([client, clickhouse, slow, ledger, archive].map((each) => each.close()));
      }
      await elasticsearch.close();
    },
  };
}
