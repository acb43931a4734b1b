import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { kafkaAddress } from '../../infra/clients/engines.ts';
import { isRefusal } from '../../infra/clients/faults.ts';
import { createImpatientKafka } from '../../infra/clients/kafka.ts';
import type { Config } from '../../infra/config.ts';
import { readIfThere } from '../../infra/files.ts';
import { withTimeout } from '../../infra/with_timeout.ts';

/** What there is under KAFKA_BROKERS, or in the folder of the embedded Kafka. */
export interface FoundKafka {
  /** The id of the cluster; null: it does not say, or there is none yet. */
  id: string | null;
  isAnswering: boolean;
  /** The embedded Kafka has no data: its next start makes some. */
  isGone: boolean;
}

const ANSWER_MS = 10_000;
const LOOK_EVERY_MS = 500;

export async function findKafka(config: Config): Promise<FoundKafka> {
  const id = await answeringId(config);
  if (id !== null) return { id, isAnswering: true, isGone: false };
  if (config.urls.kafka !== undefined) return { id: null, isAnswering: false, isGone: false };
  const properties = readIfThere(join(config.dataDir, 'engines', 'kafka', 'data', 'meta.properties'));
  const known = /^cluster\.id=(.+)$/m.exec(properties ?? '')?.[1]?.trim() ?? null;
  return { id: known, isAnswering: false, isGone: known === null };
}

async function answeringId(config: Config): Promise<string | null> {
  const admin = createImpatientKafka(kafkaAddress(config), 'clickledger-restore').admin();
  const read = async (): Promise<string> => {
    await admin.connect();
    return (await admin.describeCluster()).clusterId;
  };
  try {
    return await withTimeout(read(), ANSWER_MS, () => null);
  } catch (error) {
    if (isRefusal(error)) throw error;
    return null;
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

/** The id of the cluster, as soon as it answers. */
export async function untilKafkaAnswers(config: Config, say: (line: string) => void, how: string): Promise<string> {
  for (let isFirst = true; ; isFirst = false) {
    const id = await answeringId(config);
    if (id !== null) return id;
    if (isFirst) say(`waiting for Kafka: ${how}`);
    await delay(LOOK_EVERY_MS);
  }
}

/** What to call it in an error. */
export const kafkaCalled = (config: Config): string => `Kafka at ${kafkaAddress(config).brokers.join(',')}`;
