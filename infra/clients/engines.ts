import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';

/** Where each engine is reached: the URL that was set, or the embedded one's. */
export interface EngineUrls {
  kafka: string[];
  clickhouse: string;
  hive: string;
  elasticsearch: string;
}

/** For the log monitor, which also runs on machines that know no other engine. */
export const kafkaBrokers = ({ urls, ports }: Pick<Config, 'urls' | 'ports'>): string[] =>
  urls.kafka ?? [`127.0.0.1:${ports.kafka}`];

/** For those who need no other engine. */
export const hiveUrl = ({ urls, ports }: Pick<Config, 'urls' | 'ports'>): string =>
  urls.hive ?? `127.0.0.1:${ports.hive}`;

export function engineUrls(config: Config): EngineUrls {
  const { urls, ports } = config;
  return {
    kafka: kafkaBrokers(config),
    clickhouse: urls.clickhouse ?? embeddedClickHouse(config),
    hive: hiveUrl(config),
    elasticsearch: urls.elasticsearch ?? `http://127.0.0.1:${ports.elasticsearch}`,
  };
}

function embeddedClickHouse(config: Config): string {
  const file = join(config.dataDir, 'engines', 'clickhouse', 'password');
  try {
    const password = readFileSync(file, 'utf8').trim();
    return `http://clickledger:${password}@127.0.0.1:${config.ports.clickhouse}`;
  } catch (cause) {
    throw new Error(`no embedded ClickHouse in ${config.dataDir} yet: start it with "clickledger up"`, { cause });
  }
}
