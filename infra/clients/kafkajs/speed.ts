import { FastBatch } from './batch.ts';
import { fastRecordBatch } from './fetch.ts';
import { fastGroups } from './groups.ts';
import { fastProduce } from './produce.ts';
import { loadKafkajs, replaceModule } from './replace.ts';

/**
 * Parts of kafkajs 2.2.4 that take most of the time of sending and of reading, each replaced by one that does the same.
 */
replaceModule('producer/groupMessagesPerPartition', fastGroups);
replaceModule('protocol/requests/produce/v3/request', fastProduce);
replaceModule('protocol/recordBatch/v0/decoder', fastRecordBatch);
replaceModule('consumer/batch', FastBatch);

/** Loaded here and not by an import, which would come before the lines above. */
export const kafkajs = loadKafkajs();
