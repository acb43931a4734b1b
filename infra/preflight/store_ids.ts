import { join } from 'node:path';
import { z } from 'zod';
import { stateIndexOf } from '../../domain/names.ts';
import { type ClickHouseClient, rowsOf } from '../clients/clickhouse.ts';
import type { ElasticsearchClient } from '../clients/elasticsearch.ts';
import type { Admin } from '../clients/kafka.ts';
import { createExclusively, readJsonIfThere } from '../files.ts';
import { NEW_KAFKA, RESTORE } from '../restored.ts';
import type { Store } from './stores.ts';

const idRow = z.object({ id: z.string() });
const STORE_ID = 'store-id';

/** Table ads.store_id, which migrations make. */
export const clickHouseStore = (client: ClickHouseClient, address: string): Store => ({
  name: 'clickhouse',
  what: `ClickHouse at ${address}`,
  setting: 'CLICKHOUSE_URL',
  refill: RESTORE,
  async readIds() {
    const [table] = await rowsOf(
      client,
      z.object({ there: z.boolean() }),
      "SELECT toBool(count() > 0) AS there FROM system.tables WHERE database = 'ads' AND name = 'store_id'",
    );
    if (!table?.there) return [];
    return (await rowsOf(client, idRow, 'SELECT DISTINCT id FROM ads.store_id')).map(({ id }) => id);
  },
  async writeId(id) {
    await client.insert({ table: 'ads.store_id', values: [{ id }], format: 'JSONEachRow' });
  },
});

/** A document beside those of the indexer's state. Of an emptied one the indexer says how it is filled again. */
export const elasticsearchStore = (client: ElasticsearchClient, address: string): Store => ({
  name: 'elasticsearch',
  what: `Elasticsearch at ${address}`,
  setting: 'ELASTICSEARCH_URL',
  isRefilled: true,
  async readIds() {
    const found = await client.get({ index: stateIndexOf('click'), id: STORE_ID }, { ignore: [404] });
    return found.found ? [idRow.parse(found._source).id] : [];
  },
  async writeId(id) {
    await client.indices.create({ index: stateIndexOf('click') }, { ignore: [400] });
    await client.index({ index: stateIndexOf('click'), id: STORE_ID, document: { id } });
  },
});

/** A cluster is given its id when its storage is formatted. */
export const kafkaStore = (admin: Admin, address: string): Store => ({
  name: 'kafka',
  what: `Kafka at ${address}`,
  setting: 'KAFKA_BROKERS',
  replace: NEW_KAFKA,
  readIds: async () => [(await admin.describeCluster()).clusterId],
  writeId: null,
});

/** A file in the folder. */
export const archiveStore = (archiveDir: string): Store => {
  const path = join(archiveDir, 'store-id.json');
  return {
    name: 'archive',
    what: `the archive ${archiveDir}`,
    setting: 'DATA_DIR',
    async readIds() {
      const found = readJsonIfThere(idRow, path);
      return found === null ? [] : [found.id];
    },
    async writeId(id) {
      createExclusively(path, { id });
    },
  };
};
