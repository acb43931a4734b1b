/** All that the rest of the program has of Kafka; nothing else knows which client that is (patches/README.md). */
export {
  type Admin,
  committedOffsets,
  committedOffsetsOf,
  copiesOf,
  endOffsets,
  endOffsetsOf,
  ensureTopics,
  letRead,
  requireTopics,
  type TopicSpec,
  topicFacts,
} from './kafka/admin.ts';
export { BrokerClock, clockOf } from './kafka/broker_clock.ts';
export {
  CompressionTypes,
  createImpatientKafka,
  createKafka,
  createProbingKafka,
  type Kafka,
  KafkaJSError,
} from './kafka/client.ts';
export type { Arrived } from './kafka/codec/lazy_message.ts';
export { Records } from './kafka/codec/records.ts';
export { type Commit, commitAlone, hasMembers } from './kafka/commit_alone.ts';
export {
  type Consumer,
  createMember,
  createReader,
  type EachBatchPayload,
  MEMBERSHIP,
  messagesOf,
  withHeartbeats,
} from './kafka/consumer.ts';
export { Continuity } from './kafka/continuity.ts';
export { fingerprintOf, fingerprintOfArrived } from './kafka/fingerprint.ts';
export { connectPlainProducer, connectProducer, type Producer } from './kafka/producer.ts';
export { versionsRead } from './kafka/reads.ts';
