import { MESSAGE_VERSION } from '../../domain/message_version.ts';
import { DAYS_ID } from '../../domain/names.ts';
import type { ElasticsearchClient } from '../../infra/clients/elasticsearch.ts';
import {
  committedOffsets,
  createMember,
  type EachBatchPayload,
  type Kafka,
  KafkaJSError,
  messagesOf,
  withHeartbeats,
} from '../../infra/clients/kafka.ts';
import { RESTORE } from '../../infra/restored.ts';
import type { Service } from '../../infra/role.ts';
import { TIMINGS } from '../../infra/timings.ts';
import { type DaysDoc, daysDoc } from '../documents/days.ts';
import { announcedIn, readStateDoc, unless } from '../documents/state.ts';
import { createIndex, deleteGivenUp, type StateOfKind } from './indexes.ts';
import { ChangedElsewhereError, type PartitionStates, positionIn } from './partition_states.ts';
import { afterBatch, beginAt, judge, type Position, type Reading, type Unseen } from './reading.ts';
import { readMessages, type SetAside } from './set_aside.ts';
import type { OnUnseen } from './unseen.ts';

interface Queue {
  kafka: Kafka;
  topic: string;
  group: string;
  /** How long messages wait for more of them; absent: as those of clicks do. */
  fetchMs?: number;
}

interface Applies<Message> {
  /** How far each partition was applied. */
  states: PartitionStates;
  /** Messages were never seen: what they would have changed is given up before anything that came after them. */
  passOver(partition: number, unseen: Unseen): Promise<void>;
  /** When it returns, the messages are durable; when it throws, the same ones are applied again. */
  apply(partition: number, messages: Message[], position?: Position): Promise<void>;
}

interface Ends {
  /** Gets when the last of the messages was appended. */
  onApplied?: (appendedMs: number) => void;
  setAside: SetAside;
  onUnseen: OnUnseen;
  onFailure: (error: unknown) => void;
}

/**
 * Creates the state that everything relies on. If Elasticsearch is empty although the group has committed offsets, it
 * is not filled from the middle: days would be incomplete without a sign of it. Until an operator acts, the API answers
 * from ClickHouse.
 * @param restored what an operator has asked for: that an empty Elasticsearch is gone on with. Real time of the days before
 *   is given up then, since rows of them were in it; null: nobody has
 */
export async function prepareState(
  elasticsearch: ElasticsearchClient,
  state: StateOfKind,
  queue: Queue,
  restored: { unseenBefore: string; restore: number } | null = null,
): Promise<void> {
  const { stateIndex } = state;
  await createIndex(elasticsearch, stateIndex);
  if ((await readStateDoc(elasticsearch, daysDoc, stateIndex, DAYS_ID)) === null) {
    const wasLost = await hasCommitted(queue);
    if (wasLost && restored === null) {
      throw new Error(
        `Elasticsearch has lost what group "${queue.group}" wrote to it (${stateIndex} is empty): "${RESTORE}" goes on ` +
          'with it, and days that were in it come from ClickHouse',
      );
    }
    // Whatever the group says: its Kafka may have been lost too.
    const unseen = restored !== null ? { unseen_before: restored.unseenBefore, restore: restored.restore } : {};
    const document: DaysDoc = { held: [], given_up: [], ...unseen };
    // 409: another copy created it.
    await unless(409, elasticsearch.create({ index: stateIndex, id: DAYS_ID, document }));
  }
  // Deletes what a killed process left behind after it had recorded that a day was given up.
  await deleteGivenUp(elasticsearch, state);
}

const hasCommitted = async (queue: Queue): Promise<boolean> => (await committedIn(queue)).size > 0;

async function committedIn({ kafka, topic, group }: Queue): Promise<Map<number, number>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const committed = await committedOffsets(admin, group, topic);
    return new Map([...committed].map(([partition, { offset }]) => [partition, offset]));
  } finally {
    await admin.disconnect();
  }
}

/**
 * Compares what was applied in Elasticsearch with what the group has read. Less is in no copy that was only killed: an
 * older one was restored. Of a state from before offsets were kept it is taken that both are the same. Returns the
 * partitions of which messages were forgotten.
 */
async function compareWithGroup<Message>(
  queue: Queue,
  { states, passOver }: Applies<Message>,
  onUnseen: OnUnseen,
): Promise<Set<number>> {
  const forgotten = new Set<number>();
  // Read before the states: another copy may be at work, and it writes its state first.
  for (const [partition, committed] of await committedIn(queue)) {
    const doc = await states.open(partition);
    if (doc?.next_offset === undefined) {
      await states.put(partition, { ...doc, next_offset: committed, before: null });
    } else if (doc.next_offset < committed) {
      const unseen: Unseen = { why: 'forgotten', from: doc.next_offset, to: committed };
      await passOver(partition, unseen);
      await onUnseen(queue.topic, partition, unseen, announcedIn(doc)?.boundary_ms ?? null);
      forgotten.add(partition);
    }
  }
  return forgotten;
}

/**
 * Feeds the indexer until stopped. What was applied is on record in Elasticsearch, with the messages: reading goes on
 * behind it, wherever the group's own offsets are. Those are committed after the messages are applied; a failure goes to
 * `onFailure` and commits nothing, so that the next process repeats the messages. A message that cannot be decoded is
 * set aside before the others of its batch are applied: otherwise they could move the boundary past rows that are
 * missing. For the same reason messages that are gone are passed over first.
 * @param partitions of the topic: each is applied independently, so that a run's rows do not delay real-time ones
 */
export async function consume<Message>(
  queue: Queue,
  partitions: number,
  indexer: Applies<Message>,
  decode: (value: Buffer | null) => Message,
  { onApplied, setAside, onUnseen, onFailure }: Ends,
): Promise<Service> {
  const { kafka, topic, group, fetchMs = TIMINGS.indexerFetchMs } = queue;
  const forgotten = await compareWithGroup(queue, indexer, onUnseen);
  const consumer = createMember(kafka, {
    groupId: group,
    maxWaitMs: fetchMs,
    maxBytesPerPartition: 4 * 1024 * 1024,
    reads: MESSAGE_VERSION,
    onCrash: onFailure,
  });
  let readings = new Map<number, Reading>();
  consumer.on(consumer.events.GROUP_JOIN, () => {
    // Another copy may have read them meanwhile.
    readings = new Map();
  });

  async function takeBatch({ batch, resolveOffset }: EachBatchPayload): Promise<void> {
    const { partition } = batch;
    const messages = messagesOf(batch);
    if (messages.length === 0) return;
    const inThisGeneration = readings;
    const reading = readings.get(partition) ?? beginAt(positionIn(await indexer.states.open(partition)));
    const verdict = judge(reading, messages, Number(batch.highWatermark));
    if (verdict.kind === 'look-back') {
      inThisGeneration.set(partition, verdict.reading);
      consumer.seek({ topic, partition, offset: String(reading.next - 1) });
      return;
    }
    const { from, unseen } = verdict;
    const isTold = unseen?.why === 'forgotten' && forgotten.delete(partition);
    if (unseen !== null && !isTold) {
      await indexer.passOver(partition, unseen);
      const announced = announcedIn(await indexer.states.get(partition));
      await onUnseen(topic, partition, unseen, announced?.boundary_ms ?? null);
    }
    const { readable, unreadable } = readMessages(from === 0 ? messages : messages.slice(from), decode);
    if (unreadable.length > 0) await setAside(topic, partition, unreadable);
    const after = afterBatch(reading, messages, from);
    await indexer.apply(partition, readable, after);
    const last = messages.at(-1);
    if (last) onApplied?.(last.arrivedMs);
    inThisGeneration.set(partition, after);
    resolveOffset(batch.lastOffset());
  }

  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: partitions,
    eachBatchAutoResolve: false,
    eachBatch: async (payload) => {
      if (payload.isStale()) return;
      try {
        // A busy Elasticsearch may take longer than a session.
        await withHeartbeats(payload.heartbeat, takeBatch(payload));
      } catch (error) {
        if (error instanceof ChangedElsewhereError) {
          // Another copy has read the partition. The batch comes again, to whoever has the partition now.
          readings.delete(payload.batch.partition);
          return;
        }
        // kafkajs would redeliver the batch for ever; it handles only its own errors (a rebalance) correctly.
        if (!(error instanceof KafkaJSError)) onFailure(error);
        throw error;
      }
    },
  });
  return { stop: () => consumer.disconnect() };
}
