import { randomUUID } from 'node:crypto';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { TIMINGS } from '../../timings.ts';
import type { LazyMessage } from './codec/lazy_message.ts';
import { assignerThatReads } from './reads.ts';

export type { Consumer, EachBatchPayload } from 'kafkajs';

/**
 * What every member of a consumer group has in common. The partitions of a killed process lie idle for a session, so it
 * is short; work of unknown length has to heartbeat meanwhile.
 */
export const MEMBERSHIP = { sessionTimeout: TIMINGS.groupSessionMs, heartbeatInterval: TIMINGS.groupHeartbeatMs };

/** Nobody waits for a group's only member, which may be held up for long by what it does with a batch. */
const READER = { sessionTimeout: 300_000, maxWaitTimeInMs: 100 };

/** Without it each message that trickles in would be a request of its own: 20 a second and consumer at 20 clicks/s. */
const MIN_BYTES = 64 * 1024;

/** A failure that kafkajs gave up on ends the work: whoever began it begins anew. */
const ENDS_ON_FAILURE = { restartOnFailure: async () => false };

interface MemberOptions {
  groupId: string;
  /** A fetch ends with MIN_BYTES or after this long: messages wait for at most that. Heartbeats are sent between fetches. */
  maxWaitMs: number;
  maxBytesPerPartition?: number;
  /** After a failure that may pass kafkajs gives up sooner, and joins the group again by itself. */
  rejoins?: boolean;
  /** The highest version of messages that it reads, which it tells the group; absent: the messages have none. */
  reads?: number;
  /** Called with a failure after which nothing is read any more. */
  onCrash(error: Error): void;
}

/** A member of a group that shares the partitions of its topics. */
export function createMember(kafka: Kafka, options: MemberOptions): Consumer {
  const { groupId, maxWaitMs, maxBytesPerPartition, rejoins = false, reads, onCrash } = options;
  const consumer = kafka.consumer({
    groupId,
    ...MEMBERSHIP,
    minBytes: MIN_BYTES,
    maxWaitTimeInMs: maxWaitMs,
    ...(maxBytesPerPartition === undefined ? {} : { maxBytesPerPartition }),
    ...(reads === undefined ? {} : { partitionAssigners: [assignerThatReads(reads)] }),
    ...(rejoins ? {} : { retry: ENDS_ON_FAILURE }),
  });
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
    if (!restart) onCrash(error);
  });
  return consumer;
}

/** Reads topics once, in a group of its own that nobody else joins. */
export const createReader = (kafka: Kafka, name: string): Consumer =>
  kafka.consumer({ groupId: `${name}-${randomUUID()}`, ...READER, retry: ENDS_ON_FAILURE });

/** Keeps the membership while work of unknown length is done. A lost one shows up at the consumer's own next call. */
export async function withHeartbeats<T>(heartbeat: () => Promise<void>, work: Promise<T>): Promise<T> {
  const beat = setInterval(() => heartbeat().catch(() => {}), MEMBERSHIP.heartbeatInterval);
  return work.finally(() => clearInterval(beat));
}

/** In the order of their offsets. All that kafkajs reads are made by `codec/decode_records.ts`. */
export const messagesOf = ({ messages }: Pick<EachBatchPayload['batch'], 'messages'>): readonly LazyMessage[] =>
  messages as readonly unknown[] as readonly LazyMessage[];
