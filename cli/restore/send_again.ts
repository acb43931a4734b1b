import xxhash from 'xxhash-wasm';
import { decodeEvent } from '../../domain/click/message.ts';
import { identityOf } from '../../domain/click/wire.ts';
import { EVENT_KINDS, type EventKind, eventOfTopic, eventTopic, eventTopics } from '../../domain/event_kinds.ts';
import { placeOf, TOPICS } from '../../domain/names.ts';
import { MINUTE_MS } from '../../domain/time.ts';
import { type Admin, connectProducer, type Kafka } from '../../infra/clients/kafka.ts';
import type { Config } from '../../infra/config.ts';
import { clickHouseOf } from '../../infra/kinds.ts';
import type { Log } from '../../infra/log.ts';
import { openRegister } from '../../infra/register/open.ts';
import { readPartitionNames } from '../../infra/register/partition_names.ts';
import { readOffsets } from '../../infra/rejected/topic.ts';
import { sql } from '../../infra/sql.ts';
import { KEPT_MS } from '../../infra/topics.ts';
import { AnnotationReaders, versionsByGroups } from '../../ingest/annotation_readers.ts';
import { readCheckpoints } from '../../ingest/checkpoint.ts';
import { readPartitions } from '../../ingest/main.ts';
import { positionsAt } from '../../ingest/positions.ts';
import { Sender } from '../../ingest/produce.ts';
import { nothingSent, type Resent, resendLost } from '../../ingest/resend.ts';
import type { LostLog } from './lost_logs.ts';

const IDENTITIES = sql('clickhouse/restore/stored_identities.sql');
const RETRY_MS = 1_000;
/** Clocks of machines, and what was on its way. */
const MARGIN_MS = 2 * MINUTE_MS;

/** From where on the logs of a kind are read again. */
export interface Since {
  /** When they had been read up to there, epoch ms. */
  at: number;
  /** By generation. */
  to: ReadonlyMap<string, number>;
  /** What had been read before is not known, though something of it may be missing. */
  isLater: boolean;
}

/** A Kafka that is gone on with, of which it is not clear yet what is missing there. */
export interface GoneOn {
  restore: number;
  kafka: Kafka;
  admin: Admin;
  logs: LostLog[];
  /** From where on the logs of each kind are read again; absent: it is not known. */
  since: ReadonlyMap<EventKind, Since>;
}

/** Where the log monitor was when everything of a kind that had been sent by then is stored; absent: that is not known. */
export function sinceStored({ dataDir, eventKinds }: Config, logs: readonly LostLog[]): Map<EventKind, Since> {
  const since = new Map<EventKind, Since>();
  for (const event of eventKinds) {
    const stored = logs.filter((log) => log.event === event).map(({ storedUntilMs }) => storedUntilMs);
    const found = positionsAt(dataDir, Math.max(0, Math.min(...stored) - MARGIN_MS));
    if (found !== null) since.set(event, found);
  }
  return since;
}

/** Raw rows that arrived since then are compared with what is read again, epoch ms; absent: nothing is. */
export function comparedSince(since: ReadonlyMap<EventKind, Since>, event: EventKind): number | undefined {
  const of = since.get(event);
  return of && Math.max(0, of.at - MARGIN_MS);
}

/**
 * Sends what only the lost Kafka had, as far as the logs of this machine still have it. Null: it is not known from where on
 * they have to be read again.
 */
export async function sendAgain(config: Config, log: Log, gone: GoneOn): Promise<Resent | null> {
  const { kafka, admin, logs, since } = gone;
  const { dataDir, logGlob, eventKinds } = config;
  const isUnused = logs.every(({ end }) => end === 0) && readCheckpoints(dataDir).records.size === 0;
  if (isUnused) return { sent: nothingSent(), unreadable: [], unknownBeforeMs: null };
  if (since.size === 0) return null;
  const topics = {
    clicks: eventTopic('click', config.region),
    counted: eventTopics('click', config.regions),
    rejected: TOPICS.rejected,
  };
  const all = new Set(eventKinds);
  const partitionsOf = await readPartitions(kafka, topics, all);
  const register = openRegister(config);
  const readers = await AnnotationReaders.open({ register, kinds: all, versionsRead: versionsByGroups(admin), log });
  const canAnnotate = (topic: string): boolean => readers.canAnnotate(eventOfTopic(topic) ?? 'click');
  const sender = new Sender(() => connectProducer(kafka), TOPICS.rejected, RETRY_MS, log);
  const reading = { dataDir, logGlob, topics: { partitionsOf, canAnnotate }, nowMs: Date.now() };
  const resent: Resent[] = [];
  try {
    // Each kind by itself: how far it is stored, and so how much is compared, is its own.
    for (const [event, of] of since) {
      const stored = await storedSince(config, event, gone, comparedSince(since, event) ?? 0);
      const { sent, unreadable } = await resendLost({
        ...reading,
        since: of.to,
        kinds: new Set([event]),
        withRejected: event === 'click',
        takeStored: stored.take,
        send: (batch) => sender.send(batch),
      });
      resent.push({ sent, unreadable, unknownBeforeMs: isTooLate(of, reading.nowMs) ? of.at : null });
    }
  } finally {
    await Promise.all([sender.close(), readers.close()]);
  }
  return together(resent);
}

/** What had been sent before what is known, and was not passed on in a week, Kafka had removed by itself. */
const isTooLate = ({ at, isLater }: Since, nowMs: number): boolean => isLater && at > nowMs - KEPT_MS;

/** What came of all kinds: their lines stand in the same files. */
function together(resent: readonly Resent[]): Resent {
  const sent = nothingSent();
  for (const event of EVENT_KINDS) sent[event] = resent.reduce((sum, one) => sum + one.sent[event], 0);
  const unreadable = new Map<string, Resent['unreadable'][number]>();
  for (const one of resent.flatMap(({ unreadable }) => unreadable)) {
    const key = `${one.to} ${one.path}`;
    const known = unreadable.get(key);
    if (known === undefined || one.from < known.from) unreadable.set(key, one);
  }
  const unknown = resent.flatMap(({ unknownBeforeMs }) => unknownBeforeMs ?? []);
  return {
    sent,
    unreadable: [...unreadable.values()],
    unknownBeforeMs: unknown.length === 0 ? null : Math.max(...unknown),
  };
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

/** What ClickHouse has of a kind since a time, and what a restore that was interrupted has sent again. */
async function storedSince(
  config: Config,
  event: EventKind,
  { kafka, admin, logs }: GoneOn,
  sinceMs: number,
): Promise<Stored> {
  const { h64Raw } = await xxhash();
  const stored = new Stored(h64Raw);
  const clickhouse = clickHouseOf(config, event);
  try {
    const names = await readPartitionNames(openRegister(config));
    const places = logs.filter((log) => log.event === event).map(({ place }) => placeOf(place));
    // Under earlier names too: a log may have been left for another one since then.
    for (const name of places.flatMap(({ topic, partition }) => names.all(topic, partition))) {
      const query_params = { topic_partition: name, arrived_after: sinceMs };
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
    await readOffsets({ kafka, admin }, topic, new Map(all), async (_, messages) => {
      for (const { value } of messages) {
        const decoded = decodeEvent(value, event, Date.now());
        if (value !== null && decoded.ok) stored.addIdentity(event, identityOf(value, 0, decoded.identityEnd));
      }
    });
  }
  return stored;
}
