import { readFileSync } from 'node:fs';
import type { Config } from '../config.ts';
import { APPLICATION_USER, applicationPasswordFile } from '../embedded/password.ts';

/** The address of each engine: the URL that was set, or the embedded one's. */
export interface EngineUrls {
  kafka: string[];
  clickhouse: string;
  hive: string;
  elasticsearch: string;
}

/** For the log monitor, which also runs on machines without any other engine. */
export const kafkaBrokers = ({ urls, ports }: Pick<Config, 'urls' | 'ports'>): string[] =>
  urls.kafka ?? [`127.0.0.1:${ports.kafka}`];

/** For callers that need no other engine. */
const hiveUrl = ({ urls, ports }: Pick<Config, 'urls' | 'ports'>): string => urls.hive ?? `127.0.0.1:${ports.hive}`;

export function engineUrls(config: Config): EngineUrls {
  const { urls } = config;
  return {
    kafka: kafkaBrokers(config),
    clickhouse: urls.clickhouse ?? embeddedClickHouse(config),
    hive: hiveUrl(config),
    elasticsearch: urls.elasticsearch ?? embeddedElasticsearch(config),
  };
}

function embeddedClickHouse({ dataDir, ports }: Config): string {
  try {
    return withPassword(dataDir, 'clickhouse', ports.clickhouse);
  } catch (cause) {
    throw new Error(`no embedded ClickHouse in ${dataDir} yet: start it with "clickledger up"`, { cause });
  }
}

function embeddedElasticsearch({ dataDir, ports }: Config): string {
  try {
    return withPassword(dataDir, 'elasticsearch', ports.elasticsearch);
  } catch {
    // It has not been started here yet. Most callers that read all addresses do not need this one.
    return `http://127.0.0.1:${ports.elasticsearch}`;
  }
}

function withPassword(dataDir: string, engine: 'clickhouse' | 'elasticsearch', port: number): string {
  const password = readFileSync(applicationPasswordFile(dataDir, engine), 'utf8').trim();
  return `http://${APPLICATION_USER}:${password}@127.0.0.1:${port}`;
}
