import type { Kafka, Producer } from 'kafkajs';

export type { Producer } from 'kafkajs';

/** Acknowledged by all replicas; retries of the client itself cannot double or reorder. */
export async function connectProducer(kafka: Kafka): Promise<Producer> {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false });
  await producer.connect();
  return producer;
}
