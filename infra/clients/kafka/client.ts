import kafkajs, { type Kafka, type KafkaConfig } from 'kafkajs';
import type { Log } from '../../log.ts';
import { setRecordCodec } from './codec/codec.ts';

export type { Kafka } from 'kafkajs';
export const { CompressionTypes, KafkaJSError } = kafkajs;
const { logLevel } = kafkajs;

/** The only place where clients are made: none is without our codec. */
function newClient(config: KafkaConfig): Kafka {
  setRecordCodec(kafkajs);
  return new kafkajs.Kafka(config);
}

export function createKafka(brokers: string[], clientId: string, log: Log): Kafka {
  const logCreator: NonNullable<KafkaConfig['logCreator']> =
    () =>
    ({ level, namespace, log: { message, timestamp: _, ...rest } }) => {
      const fields = { kafka: namespace, ...rest };
      // An answer that is an error is also thrown to who asked, and often only means "not yet".
      if (level === logLevel.ERROR && !message.startsWith('Response ')) log.warn(fields, message);
      else log.debug(fields, message);
    };
  return newClient({
    clientId,
    brokers,
    logCreator,
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    // Coordinators answer "loading" for a while after a broker's start.
    retry: { initialRetryTime: 200, maxRetryTime: 5_000, retries: 20 },
  });
}

/** Asks once, and says nothing of a broker that does not answer: who probes it asks again. */
export function createProbingKafka(broker: string, clientId: string): Kafka {
  return newClient({
    clientId,
    brokers: [broker],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    requestTimeout: 5_000,
    retry: { retries: 0 },
  });
}
