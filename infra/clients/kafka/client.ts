import kafkajs, { type Kafka, type KafkaConfig, type SASLOptions } from 'kafkajs';
import type { KafkaAddress, Sasl } from '../../engine_settings/addresses.ts';
import { createLog, type Log } from '../../log.ts';
import { explaining, faultOf, isPermanent, withExplanation } from '../faults.ts';
import { setRecordCodec } from './codec/codec.ts';

export type { Kafka } from 'kafkajs';
export const { CompressionTypes, KafkaJSError } = kafkajs;
const { logLevel } = kafkajs;

/** The only place where clients are made: none is without our codec. */
function newClient(config: KafkaConfig): Kafka {
  setRecordCodec(kafkajs);
  return new kafkajs.Kafka(config);
}

/**
 * @param to an address, or brokers that ask for nothing
 * @param retries of a connection, and of what an admin asks, for over a minute unless there are fewer
 */
export function createKafka(to: KafkaAddress | string[], clientId: string, log: Log, retries = 20): Kafka {
  const at = Array.isArray(to) ? { brokers: to, tls: null, sasl: null } : to;
  const logCreator: NonNullable<KafkaConfig['logCreator']> =
    () =>
    ({ level, namespace, log: { message, timestamp: _, ...rest } }) => {
      const fields = { kafka: namespace, ...rest };
      // An answer that is an error is also thrown to who asked, and often only means "not yet".
      if (level === logLevel.ERROR && !message.startsWith('Response ')) log.warn(fields, message);
      else log.debug(fields, message);
    };
  const kafka = newClient({
    clientId,
    brokers: at.brokers,
    ...securityOf(at),
    logCreator,
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    // Coordinators answer "loading" for a while after a broker's start.
    retry: { initialRetryTime: 200, maxRetryTime: 5_000, retries },
  });
  return explainedKafka(kafka, at, clientId);
}

/** For whoever wants to know soon that Kafka is away: it is tried twice more, and nothing is logged. */
export function createImpatientKafka(to: KafkaAddress, clientId: string): Kafka {
  const log = createLog(clientId);
  log.level = 'silent';
  return createKafka(to, clientId, log, 2);
}

/** What kafkajs is told of TLS and of who we are. */
const securityOf = ({ tls, sasl }: KafkaAddress): Pick<KafkaConfig, 'ssl' | 'sasl'> => ({
  ...(tls && { ssl: { ...tls, rejectUnauthorized: true, minVersion: 'TLSv1.2' as const } }),
  ...(sasl && { sasl: saslOf(sasl) }),
});

/**
 * Another mechanism comes in here: kafkajs takes OAUTHBEARER as `{ mechanism: 'oauthbearer', oauthBearerProvider }`, a
 * function that fetches a token.
 */
const saslOf = ({ mechanism, username, password }: Sasl): SASLOptions =>
  ({ mechanism, username, password }) as SASLOptions;

/**
 * Clients whose errors name the setting that is wrong. kafkajs repeats for minutes what no repetition mends, so who we
 * are is tried once before the first connection.
 */
function explainedKafka(kafka: Kafka, at: KafkaAddress, clientId: string): Kafka {
  const explain = (error: unknown): unknown => withExplanation('kafka', at.brokers.join(','), error);
  let isAccepted = at.tls === null && at.sasl === null;
  const tryOnce = async (): Promise<void> => {
    if (isAccepted) return;
    await refuseIfNoneAccepts(at, clientId);
    isAccepted = true;
  };
  const connectingFirst = <Client extends { connect(): Promise<void> }>(client: Client): Client => {
    const connect = client.connect.bind(client);
    return explaining(Object.assign(client, { connect: () => tryOnce().then(connect) }), explain);
  };
  return {
    admin: (config) => connectingFirst(kafka.admin(config)),
    producer: (config) => connectingFirst(kafka.producer(config)),
    consumer: (config) => {
      const consumer = kafka.consumer(config);
      // Before whoever listens as well: they get the same error.
      consumer.on(consumer.events.CRASH, ({ payload: { error } }) => void explain(error));
      return connectingFirst(consumer);
    },
    logger: () => kafka.logger(),
  };
}

/** Rejects if no broker accepts us, and one refuses for a reason that stays. */
async function refuseIfNoneAccepts(at: KafkaAddress, clientId: string): Promise<void> {
  const ended = await Promise.allSettled(
    at.brokers.map((broker) => connectOnce({ ...at, brokers: [broker] }, clientId)),
  );
  const failures = ended.flatMap((end): unknown[] => (end.status === 'rejected' ? [end.reason] : []));
  const refusal = failures.find((failure) => isPermanent(faultOf('kafka', failure)?.fault ?? null));
  if (refusal !== undefined && failures.length === at.brokers.length) throw refusal;
}

async function connectOnce(at: KafkaAddress, clientId: string): Promise<void> {
  const admin = createProbingKafka(at, clientId).admin();
  await admin.connect().finally(() => admin.disconnect().catch(() => {}));
}

/** Asks once, and says nothing of a broker that does not answer: who probes it asks again. */
export function createProbingKafka(at: KafkaAddress, clientId: string): Kafka {
  return newClient({
    clientId,
    brokers: at.brokers,
    ...securityOf(at),
    logLevel: logLevel.NOTHING,
    // A handshake of TLS takes its time on a busy machine.
    connectionTimeout: at.tls === null ? 1_000 : 5_000,
    requestTimeout: 5_000,
    retry: { retries: 0 },
  });
}
