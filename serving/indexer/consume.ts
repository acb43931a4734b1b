import { DAYS_ID } from '../../domain/names.ts';
import type { ElasticsearchClient } from '../../infra/clients/elasticsearch.ts';
import { committedOffsets, createMember, type Kafka, KafkaJSError, withHeartbeats } from '../../infra/clients/kafka.ts';
import type { Service } from '../../infra/role.ts';
import { TIMINGS } from '../../infra/timings.ts';
import { type DaysDoc, daysDoc } from './days.ts';
import { createIndex, deleteGivenUp } from './indexes.ts';
import { readStateDoc, unless } from './state.ts';

interface Queue {
  kafka: Kafka;
  topic: string;
  group: string;
}

interface Applies<Message> {
  /** When it returns, the messages are durable; when it throws, the same ones are applied again. */
  apply(partition: number, messages: Message[]): Promise<void>;
}

/**
 * Makes the state that everything relies on. An Elasticsearch that is empty although the group has read on is not
 * filled from the middle: days would be short without a sign of it. Until somebody sees to it, the API answers from
 * ClickHouse.
 */
export async function prepareState(
  elasticsearch: ElasticsearchClient,
  stateIndex: string,
  queue: Queue,
): Promise<void> {
  await createIndex(elasticsearch, stateIndex);
  if ((await readStateDoc(elasticsearch, daysDoc, stateIndex, DAYS_ID)) === null) {
    if (await hasCommitted(queue)) {
      throw new Error(
        `Elasticsearch has lost what group "${queue.group}" wrote to it (${stateIndex} is empty): have everything ` +
          'sent once more, by deleting the offsets of the group and the progress of the publisher',
      );
    }
    const document: DaysDoc = { held: [], given_up: [] };
    // 409: another copy made it.
    await unless(409, elasticsearch.create({ index: stateIndex, id: DAYS_ID, document }));
  }
  // What a process that was killed after it had recorded a giving-up left behind.
  await deleteGivenUp(elasticsearch, stateIndex);
}

async function hasCommitted({ kafka, topic, group }: Queue): Promise<boolean> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return (await committedOffsets(admin, group, topic)).size > 0;
  } finally {
    await admin.disconnect();
  }
}

/**
 * Feeds the indexer until stopped. Offsets follow what was applied; a failure goes to `onFailure` and moves none, so
 * that the next process repeats the messages.
 * @param partitions of the topic: each is applied on its own, so that a run's rows do not hold up the present
 */
export async function consume<Message>(
  { kafka, topic, group }: Queue,
  partitions: number,
  indexer: Applies<Message>,
  decode: (value: Buffer | null) => Message,
  onFailure: (error: unknown) => void,
): Promise<Service> {
  const consumer = createMember(kafka, {
    groupId: group,
    maxWaitMs: TIMINGS.indexerFetchMs,
    maxBytesPerPartition: 4 * 1024 * 1024,
    onCrash: onFailure,
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: partitions,
    eachBatch: async ({ batch, heartbeat }) => {
      try {
        const messages = batch.messages.map(({ value }) => decode(value));
        // A busy Elasticsearch may take longer for them than a session lasts.
        await withHeartbeats(heartbeat, indexer.apply(batch.partition, messages));
      } catch (error) {
        // kafkajs would hand the batch out again and again; its own errors (a rebalance) it knows how to treat.
        if (!(error instanceof KafkaJSError)) onFailure(error);
        throw error;
      }
    },
  });
  return { stop: () => consumer.disconnect() };
}
