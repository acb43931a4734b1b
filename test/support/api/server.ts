import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { createClickHouse } from '../../../infra/clients/clickhouse.ts';
import { createElasticsearch } from '../../../infra/clients/elasticsearch.ts';
import { engineUrls } from '../../../infra/clients/engines.ts';
import { connectHive } from '../../../infra/clients/hive.ts';
import { type Config, readConfig } from '../../../infra/config.ts';
import { LOOPBACK_NAMES } from '../../../infra/hosts.ts';
import { createLog } from '../../../infra/log.ts';
import { openRegister } from '../../../infra/register/open.ts';
import { createApp } from '../../../serving/api/app.ts';
import { serverOf } from '../../../serving/api/http/server.ts';
import { createArchive } from '../../../serving/api/stores/hive_sessions.ts';
import { boundaryId, putVersioned } from '../../../serving/documents/state.ts';
import { clear, fillWorld } from './fill.ts';
import { LAST_MS, makeRows, type Row, seededRandom } from './world.ts';

/** An address without any engine. */
export const NOWHERE = 'http://127.0.0.1:1';
const NOW = LAST_MS + 12_345;

type Deps = Parameters<typeof createApp>[0];
type Options = Partial<Deps>;

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
  async serve(deps: Options & Pick<Deps, 'stores' | 'now'>): Promise<string> {
    const app = createApp({
      register: openRegister(this.#config),
      readLags: async () => ({}),
      readFindings: async () => [],
      log: this.#log,
      latenessMs: 2_000,
      metrics: new Registry(),
      tokens: [],
      allowedHosts: LOOPBACK_NAMES,
      rateLimit: 1_000_000,
      auditFile: join(this.#config.dataDir, 'audit-of-tests.jsonl'),
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
  /** Starts an API on these engines; returns its address. */
  serve(options?: Options): Promise<string>;
  stop(): Promise<void>;
}

type Stores = Deps['stores'];

/** What questions about clicks are answered from. */
export const storesOfClicks = (
  engines: Pick<Stores, 'clickhouse' | 'elasticsearch' | 'archive'>,
  stateIndex: string,
  realtimePartitions: number[],
): Stores => ({ ...engines, event: 'click', stateIndex, realtimePartitions });

/** Fills the engines with the clicks of world.ts. */
export async function startWorld(env: Record<string, string>, name: string): Promise<World> {
  const config = readConfig(env);
  const urls = engineUrls(config);
  const prefix = `${name}-${randomUUID().slice(0, 8)}`;
  const stateIndex = `clickledger-indexer-${prefix}`;
  const clickhouse = createClickHouse(urls.clickhouse);
  const elasticsearch = createElasticsearch(urls.elasticsearch);
  const log = createLog(name);
  log.level = 'silent';
  const archive = createArchive(() => connectHive(urls.hive, log));
  const rows = makeRows(prefix, seededRandom(20_170_401));
  await clear(clickhouse, elasticsearch);
  await fillWorld(clickhouse, elasticsearch, stateIndex, rows);
  await putVersioned(elasticsearch, stateIndex, boundaryId(2), NOW, { boundary_ms: NOW, watermark_ms: NOW });

  const servers = new Servers(config);
  const stores = storesOfClicks({ clickhouse, elasticsearch, archive }, stateIndex, [0, 1, 2]);
  return {
    prefix,
    rows,
    now: NOW,
    clickhouse,
    stores,
    serve: (options = {}) =>
      servers.serve({
        stores,
        readLags: async () => ({ clicks: { archive: 7 } }),
        now: () => NOW,
        ...options,
      }),
    async stop() {
      servers.close();
      await clear(clickhouse, elasticsearch);
      await elasticsearch.indices.delete({ index: stateIndex });
      await Promise.all([clickhouse.close(), elasticsearch.close(), archive.close()]);
    },
  };
}
