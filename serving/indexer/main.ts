import { GROUPS, STATE_INDEX, TOPICS } from '../../domain/names.ts';
import { createElasticsearch } from '../../infra/clients/elasticsearch.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { createKafka } from '../../infra/clients/kafka.ts';
import type { StartRole } from '../../infra/role.ts';
import { AD_MINUTES_PARTITIONS } from '../../infra/topics.ts';
import { consume, prepareState } from './consume.ts';
import { createIndexer } from './indexer.ts';
import { Pace } from './pace.ts';

export const startIndexer: StartRole = async ({ config, log, metrics }) => {
  const urls = engineUrls(config);
  const elasticsearch = createElasticsearch(urls.elasticsearch);
  const queue = {
    kafka: createKafka(urls.kafka, 'clickledger-indexer', log),
    topic: TOPICS.adMinutes,
    group: GROUPS.indexer,
  };
  await prepareState(elasticsearch, STATE_INDEX, queue);
  const { searchDays } = config;
  const indexer = createIndexer({ elasticsearch, stateIndex: STATE_INDEX, searchDays, log, metrics, pace: new Pace() });
  const consumer = await consume(queue, AD_MINUTES_PARTITIONS, indexer, (error) => {
    // Out of reach of whoever called: it ends the process.
    setImmediate(() => {
      throw error;
    });
  });
  return {
    async stop() {
      await consumer.stop();
      await elasticsearch.close();
    },
  };
};
