import type { Kafka, Producer } from 'kafkajs';

export type { Producer } from 'kafkajs';

/** Acknowledged by all replicas; retries of the client itself cannot double or reorder. */
export async function connectProducer(kafka: Kafka): Promise<Producer> {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false });
  await producer.connect();
  return producer;
}

/**
 * For records that may come twice: it asks the brokers for no id of its own.
 * @param retries fewer than the client's, for who would rather go on without
 */
export async function connectPlainProducer(kafka: Kafka, retries?: number): Promise<Producer> {
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    ...(retries === undefined ? {} : { retry: { retries } }),
  });
  await producer.connect();
  return producer;
}
