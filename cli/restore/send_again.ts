import xxhash from 'xxhash-wasm';
import { decodeEvent } from '../../domain/click/message.ts';
import { identityOf } from '../../domain/click/wire.ts';
import { type EventKind, eventOfTopic, eventTopic, eventTopics } from '../../domain/event_kinds.ts';
import { TOPICS } from '../../domain/names.ts';
import { MINUTE_MS } from '../../domain/time.ts';
import { type Admin, connectProducer, type Kafka } from '../../infra/clients/kafka.ts';
import type { Config } from '../../infra/config.ts';
import { clickHouseOf } from '../../infra/kinds.ts';
import type { Log } from '../../infra/log.ts';
import { openRegister } from '../../infra/register/open.ts';
import { readOffsets } from '../../infra/rejected/topic.ts';
import { sql } from '../../infra/sql.ts';
import { AnnotationReaders, versionsByGroups } from '../../ingest/annotation_readers.ts';
import { readPartitions } from '../../ingest/main.ts';
import { positionsAt } from '../../ingest/positions.ts';
import { Sender } from '../../ingest/produce.ts';
import { type Resent, resendLost } from '../../ingest/resend.ts';
import { readPublishedProgress } from '../../realtime/publisher/progress.ts';
import type { LostLog } from './lost_logs.ts';

const IDENTITIES = sql('clickhouse/restore/stored_identities.sql');
const RETRY_MS = 1_000;
/** Clocks of machines, and what was on its way. */
const MARGIN_MS = 2 * MINUTE_MS;

/** Everything that arrived before is stored: what came later may have been in Kafka only. */
async function storedUntil(config: Config, logs: readonly LostLog[]): Promise<number> {
  let untilMs = Number.POSITIVE_INFINITY;
  for (const event of config.eventKinds) {
    const clickhouse = clickHouseOf(config, event);
    const { boundaryMs } = await readPublishedProgress(clickhouse).finally(() => clickhouse.close());
    const ofKind = logs.filter((log) => log.event === event).map(({ arrivedMs }) => arrivedMs ?? 0);
    untilMs = Math.min(untilMs, Math.max(boundaryMs ?? 0, Math.min(...ofKind)));
  }
  return untilMs - MARGIN_MS;
}

interface Sending {
  kafka: Kafka;
  admin: Admin;
  logs: readonly LostLog[];
}

/**
 * Sends what only the lost Kafka had, as far as the logs of this machine still have it. Null: it is not known from where on
 * they have to be read again.
 */
export async function sendAgain(config: Config, log: Log, { kafka, admin, logs }: Sending): Promise<Resent | null> {
  const since = positionsAt(config.dataDir, await storedUntil(config, logs));
  if (since === null) return null;
  const stored = await storedSince(config, { kafka, admin, logs }, since.at - MARGIN_MS);
  const kinds = new Set(config.eventKinds);
  const topics = {
    clicks: eventTopic('click', config.region),
    counted: eventTopics('click', config.regions),
    rejected: TOPICS.rejected,
  };
  const partitionsOf = await readPartitions(kafka, topics, kinds);
  const register = openRegister(config);
  const readers = await AnnotationReaders.open({ register, kinds, versionsRead: versionsByGroups(admin), log });
  const canAnnotate = (topic: string): boolean => readers.canAnnotate(eventOfTopic(topic) ?? 'click');
  const sender = new Sender(() => connectProducer(kafka), TOPICS.rejected, RETRY_MS, log);
  const { dataDir } = config;
  const reading = { dataDir, since: since.to, kinds, topics: { partitionsOf, canAnnotate }, nowMs: Date.now() };
  try {
    return await resendLost({ ...reading, takeStored: stored.take, send: (batch) => sender.send(batch) });
  } finally {
    await Promise.all([sender.close(), readers.close()]);
  }
}

/** Messages by their identity, each of which speaks for one line. */
class Stored {
  readonly #hash: (bytes: Uint8Array) => bigint;
  readonly #left = new Map<string, number>();

  constructor(hash: (bytes: Uint8Array) => bigint) {
    this.#hash = hash;
  }

  add(kind: EventKind, hash: string): void {
    const key = `${kind} ${hash}`;
    this.#left.set(key, (this.#left.get(key) ?? 0) + 1);
  }

  addIdentity = (kind: EventKind, identity: Buffer): void => this.add(kind, String(this.#hash(identity)));

  take = (kind: EventKind, identity: Buffer): boolean => {
    const key = `${kind} ${this.#hash(identity)}`;
    const left = this.#left.get(key) ?? 0;
    if (left > 0) this.#left.set(key, left - 1);
    return left > 0;
  };
}

/** What ClickHouse has since a time, and what a restore that was interrupted has sent again. */
async function storedSince(config: Config, { kafka, admin, logs }: Sending, sinceMs: number): Promise<Stored> {
  const { h64Raw } = await xxhash();
  const stored = new Stored(h64Raw);
  for (const event of config.eventKinds) {
    const clickhouse = clickHouseOf(config, event);
    try {
      for (const { name } of logs.filter((log) => log.event === event)) {
        const query_params = { topic_partition: name, arrived_after: Math.max(0, sinceMs) };
        const result = await clickhouse.query({ query: IDENTITIES, query_params, format: 'JSONEachRow' });
        for await (const rows of result.stream<{ identity_hash: string }>())
          for (const row of rows) stored.add(event, row.json().identity_hash);
      }
    } finally {
      await clickhouse.close();
    }
    for (const topic of eventTopics(event, config.regions)) {
      const all = (await admin.fetchTopicOffsets(topic)).map(
        ({ partition, low, high }) => [partition, { from: Number(low), to: Number(high) }] as const,
      );
      await readOffsets({ kafka }, topic, new Map(all), async (_, messages) => {
        for (const { value } of messages) {
          const decoded = decodeEvent(value, event, Date.now());
          if (value !== null && decoded.ok) stored.addIdentity(event, identityOf(value, 0, decoded.identityEnd));
        }
      });
    }
  }
  return stored;
}
