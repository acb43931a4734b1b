import { DAYS_ID } from '../../domain/names.ts';
import type { ElasticsearchClient } from '../../infra/clients/elasticsearch.ts';
import { committedOffsets, createMember, type Kafka, KafkaJSError, withHeartbeats } from '../../infra/clients/kafka.ts';
import type { Service } from '../../infra/role.ts';
import { TIMINGS } from '../../infra/timings.ts';
import { type DaysDoc, daysDoc } from '../documents/days.ts';
import { readStateDoc, unless } from '../documents/state.ts';
import { createIndex, deleteGivenUp } from './indexes.ts';
import { readMessages, type SetAside } from './set_aside.ts';

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
 * Creates the state that everything relies on. If Elasticsearch is empty although the group has committed offsets, it
 * is not filled from the middle: days would be incomplete without a sign of it. Until an operator acts, the API answers
 * from ClickHouse.
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
    // 409: another copy created it.
    await unless(409, elasticsearch.create({ index: stateIndex, id: DAYS_ID, document }));
  }
  // Deletes what a killed process left behind after it had recorded that a day was given up.
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
 * Feeds the indexer until stopped. Offsets are committed after the messages are applied; a failure goes to `onFailure`
 * and commits nothing, so that the next process repeats the messages. A message that cannot be decoded is set aside
 * before the others of its batch are applied: otherwise they could move the boundary past rows that are missing.
 * @param partitions of the topic: each is applied independently, so that a run's rows do not delay real-time ones
 */
export async function consume<Message>(
  { kafka, topic, group }: Queue,
  partitions: number,
  indexer: Applies<Message>,
  decode: (value: Buffer | null) => Message,
  { setAside, onFailure }: { setAside: SetAside; onFailure: (error: unknown) => void },
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
        const { readable, unreadable } = readMessages(batch.messages, decode);
        if (unreadable.length > 0) {
          await withHeartbeats(heartbeat, setAside(batch.topic, batch.partition, unreadable));
        }
        // A busy Elasticsearch may take longer than a session.
        await withHeartbeats(heartbeat, indexer.apply(batch.partition, readable));
      } catch (error) {
        // kafkajs would redeliver the batch for ever; it handles only its own errors (a rebalance) correctly.
        if (!(error instanceof KafkaJSError)) onFailure(error);
        throw error;
      }
    },
  });
  return { stop: () => consumer.disconnect() };
}
