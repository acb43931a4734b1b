import { isUtf8 } from 'node:buffer';
import { REJECT_REASONS, type RejectReason } from '../../domain/click/click.ts';
import { type EventKind, PLURAL } from '../../domain/event_kinds.ts';
import { groupsOf, TOPICS } from '../../domain/names.ts';
import type { RejectedAsked, RejectedEntry, RejectedLines } from '../../domain/rejected.ts';
import { iso } from '../../domain/time.ts';
import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { type Admin, connectProducer, createKafka, type Kafka } from '../../infra/clients/kafka.ts';
import type { Config } from '../../infra/config.ts';
import { clickHouseOf } from '../../infra/kinds.ts';
import type { Log } from '../../infra/log.ts';
import { openRegister } from '../../infra/register/open.ts';
import { refuseWhileRestoring } from '../../infra/restored.ts';
import { AnnotationReaders, versionsByGroups } from '../annotation_readers.ts';
import { RedriveRecord, type Settled } from './record.ts';
import { redrive } from './redrive.ts';
import type { Rejection } from './rejection.ts';
import { Latest, Survey } from './survey.ts';
import { readRejections } from './topic.ts';

interface Engines {
  brokers: string[];
  kafka: Kafka;
  admin: Admin;
  archiveDir: string;
  /** The tables of each kind that is run. */
  clickhouses: ReadonlyMap<EventKind, ClickHouseClient>;
}

/** Connects for each question: who asks rarely must not depend on Kafka all the time. */
export function rejectedLines(config: Config, log: Log): RejectedLines {
  const withEngines = async <T>(work: (engines: Engines) => Promise<T>): Promise<T> => {
    const address = engineUrls(config).kafka;
    const kafka = createKafka(address, 'clickledger-rejected', log);
    const admin = kafka.admin();
    const clickhouses = new Map(config.eventKinds.map((event) => [event, clickHouseOf(config, event)]));
    try {
      await admin.connect();
      return await work({ brokers: address.brokers, kafka, admin, archiveDir: config.archiveDir, clickhouses });
    } finally {
      await Promise.all([admin.disconnect(), ...[...clickhouses.values()].map((clickhouse) => clickhouse.close())]);
    }
  };
  return {
    list: (asked, report = () => {}) => withEngines((engines) => listed(engines, asked, report)),
    redrive: (reason, report = () => {}) => withEngines((engines) => redriven(engines, config, log, reason, report)),
  };
}

async function listed(engines: Engines, { reason, about, limit }: RejectedAsked, report: (progress: string) => void) {
  const settled: Settled[] = [];
  for (const clickhouse of engines.clickhouses.values()) {
    settled.push(await new RedriveRecord(clickhouse, TOPICS.rejected).settled());
  }
  const survey = new Survey();
  const latest = new Latest(limit);
  let read = 0;
  await readRejections(engines, TOPICS.rejected, async (rejections) => {
    for (const rejection of rejections) {
      if (reason !== undefined && rejection.reason !== reason) continue;
      if (about !== undefined && !isAbout(rejection, about)) continue;
      const isRedriven = settled.some((ofKind) => ofKind.has(rejection));
      survey.add(rejection, isRedriven);
      latest.add(rejection, isRedriven);
    }
    read += rejections.length;
    report(`${read} rejected ones read`);
  });
  const rejected = latest.all.map(({ rejection, redriven }) => ({ ...entryOf(rejection), redriven }));
  return { reasons: survey.reasons, rejected };
}

const isAbout = ({ key, kept: { bytes } }: Rejection, text: string): boolean =>
  key === text || bytes?.includes(text) === true;

function entryOf(rejection: Rejection): Omit<RejectedEntry, 'redriven'> {
  const { key, reason, place, atMs, kept } = rejection;
  return { rejection: key, reason, at: iso(atMs), place, ...bytesOf(kept) };
}

function bytesOf({ kind, bytes }: Rejection['kept']) {
  if (kind !== 'line') return { message_base64: bytes?.toString('base64') ?? null };
  return isUtf8(bytes) ? { line: bytes.toString() } : { line_base64: bytes.toString('base64') };
}

async function redriven(
  { brokers, clickhouses, ...engines }: Engines,
  config: Config,
  log: Log,
  reason: RejectReason | null,
  report: (progress: string) => void,
) {
  // What was sent before is looked for among raw rows.
  for (const clickhouse of clickhouses.values()) await refuseWhileRestoring(clickhouse);
  const producer = await connectProducer(engines.kafka);
  try {
    const destinations = [...clickhouses.keys()].map((event) => {
      return { event, topic: PLURAL[event], sinkGroup: groupsOf(event).sink };
    });
    const clickHouseOfKind = (event: EventKind): ClickHouseClient => {
      const found = clickhouses.get(event);
      if (found === undefined) throw new Error(`${event} is not run`);
      return found;
    };
    const annotations = await AnnotationReaders.open({
      register: openRegister(config),
      kinds: [...clickhouses.keys()],
      versionsRead: versionsByGroups(engines.admin),
      log,
    });
    const options = { ...(reason !== null && { reason }), nowMs: Date.now(), report };
    const places = { brokers, rejectedTopic: TOPICS.rejected, destinations };
    return await redrive({ ...engines, annotations, producer, clickHouseOf: clickHouseOfKind }, places, options);
  } finally {
    await producer.disconnect();
  }
}

/** Throws for what is no reason; null: all. */
export function rejectReason(text: string | null): RejectReason | null {
  if (text === null) return null;
  const reason = REJECT_REASONS.find((known) => known === text);
  if (reason === undefined) throw new Error(`${text} is no reason of a rejection: ${REJECT_REASONS.join(', ')}`);
  return reason;
}
