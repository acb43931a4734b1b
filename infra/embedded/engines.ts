import { join } from 'node:path';
import { engineHome, engineVersions } from '../setup/engines.mjs';
import { clickhouse } from './clickhouse/clickhouse.ts';
import { elasticsearch } from './elasticsearch/elasticsearch.ts';
import type { EmbeddedEngine, EngineName, EngineSite } from './engine.ts';
import { hive } from './hive/hive.ts';
import { kafka } from './kafka/kafka.ts';

const MODULES: Record<EngineName, (site: EngineSite) => EmbeddedEngine> = { kafka, clickhouse, elasticsearch, hive };

/** The named engines, to be run on loopback with their data under `dataDir`; download them with ensureEngines first. */
export function embeddedEngines(
  options: { dataDir: string; cacheDir: string; ports: Record<EngineName, number> },
  names: readonly EngineName[],
): EmbeddedEngine[] {
  return names.map((name) =>
    MODULES[name]({
      version: engineVersions[name],
      home: engineHome(options.cacheDir, name),
      dataDir: options.dataDir,
      folder: join(options.dataDir, 'engines', name),
      port: options.ports[name],
    }),
  );
}
