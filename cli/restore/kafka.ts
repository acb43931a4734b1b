import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type EventKind, eventTopics } from '../../domain/event_kinds.ts';
import { groupsOf, placeOf } from '../../domain/names.ts';
import type { PartitionNames, Renamed } from '../../domain/partition_names.ts';
import { DAY_MS, dayOf, dayStartMs, iso } from '../../domain/time.ts';
import { kafkaAddress } from '../../infra/clients/engines.ts';
import { isRefusal } from '../../infra/clients/faults.ts';
import { type Admin, createKafka, hasMembers, type Kafka } from '../../infra/clients/kafka.ts';
import type { Config } from '../../infra/config.ts';
import { createLog, type Log } from '../../infra/log.ts';
import { acceptStore, idOnRecord } from '../../infra/preflight/stores.ts';
import { openFindings, reportFinding } from '../../infra/register/findings.ts';
import { openRegister } from '../../infra/register/open.ts';
import { readPartitionNames, renamePartition } from '../../infra/register/partition_names.ts';
import type { Register } from '../../infra/register/register.ts';
import { beginRestore, endRestore, openRestore } from '../../infra/register/restores.ts';
import { MIGRATE } from '../../infra/schema.ts';
import { waitUntil } from '../../infra/wait.ts';
import { withTimeout } from '../../infra/with_timeout.ts';
import type { Resent } from '../../ingest/resend.ts';
import { beginAnew } from '../../realtime/restore/begin_anew.ts';
import { askedBy } from '../arguments/asked_by.ts';
import { clickHouseState } from './clickhouse.ts';
import { type LostLog, lostLogs, lostText } from './lost_logs.ts';
import { sendAgain } from './send_again.ts';

const LOOK_EVERY_MS = 500;
const ANSWER_MS = 10_000;
/** Whoever asks wants to know soon that Kafka is away. */
const RETRIES = 2;
const GROUP_STALL_MS = 120_000;

type KafkaState = 'away' | 'other' | 'whole';

interface KafkaRestored {
  logs: LostLog[];
  /** Null: nothing could be read again. */
  resent: Resent | null;
  /** What may be lost for good, in words; null: nothing is. */
  lost: string | null;
}

async function kafkaState(config: Config): Promise<KafkaState> {
  const log = createLog('restore');
  log.level = 'silent';
  const admin = createKafka(kafkaAddress(config), 'clickledger-restore', log, RETRIES).admin({
    retry: { retries: RETRIES },
  });
  const read = async (): Promise<KafkaState> => {
    await admin.connect();
    const { clusterId } = await admin.describeCluster();
    const known = await idOnRecord(openRegister(config), 'kafka');
    return known === null || known === clusterId ? 'whole' : 'other';
  };
  try {
    return await withTimeout(read(), ANSWER_MS, () => 'away' as const);
  } catch (error) {
    if (isRefusal(error)) throw error;
    return 'away';
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

/** Whether a role has met another Kafka than that of this platform. */
const wasRefused = async (register: Register): Promise<boolean> =>
  (await openFindings(register)).some(({ name }) => /^refused-\w+\/kafka$/.test(name));

/** Whether the embedded Kafka has no data although there was one. */
async function isFolderGone({ urls, dataDir }: Config, register: Register): Promise<boolean> {
  if (urls.kafka !== undefined || existsSync(join(dataDir, 'engines', 'kafka', 'data'))) return false;
  return (await idOnRecord(register, 'kafka')) !== null;
}

/** Whether Kafka was lost: its data are gone, another one is there, or roles have met one. */
export async function isKafkaLost(config: Config): Promise<boolean> {
  const register = openRegister(config);
  if ((await openRestore(register, 'kafka')) !== null) return true;
  const state = await kafkaState(config);
  if (state !== 'away') return state === 'other';
  return (await wasRefused(register)) || (await isFolderGone(config, register));
}

/**
 * Goes on with an empty Kafka in the place of one that was lost. What had been counted and not archived is archived from
 * ClickHouse; what only Kafka had is read again from the logs of this machine; then topics are counted from their
 * beginning, under new names. Each step may be repeated. Null: it was not lost.
 */
export async function restoreKafka(
  config: Config,
  log: Log,
  say: (line: string) => void,
): Promise<KafkaRestored | null> {
  const register = openRegister(config);
  if (!(await isKafkaLost(config))) {
    // A kill may have left the finding of one that has ended.
    await endRestore(register, 'kafka', 'it is there', Date.now());
    return null;
  }
  await beginRestore(register, 'kafka', Date.now());
  const restore = await openRestore(register, 'kafka');
  let state = await kafkaState(config);
  if (state === 'away')
    say('waiting for Kafka: start the platform (./clickledger up), which goes on with an empty one now');
  for (; state === 'away'; state = await kafkaState(config)) await delay(LOOK_EVERY_MS);
  const reason = `Kafka was lost (restore ${restore})`;
  const isOurs = ({ reason: why }: Renamed): boolean => why === reason;
  const before = await readPartitionNames(register, (entry) => !isOurs(entry));
  const isBegun = (await readPartitionNames(register)).left().length > before.left().length;
  if (state === 'whole' && !isBegun) {
    await endRestore(register, 'kafka', 'it was not lost', Date.now());
    return null;
  }
  const kafka = createKafka(kafkaAddress(config), 'clickledger-restore', log);
  const admin = kafka.admin();
  await admin.connect();
  try {
    if (!isBegun) await refuseUsed(admin, config);
    await MIGRATE.kafka(config, say);
    const isThere = await clickHouseAnswers(config, say);
    const logs: LostLog[] = [];
    for (const event of config.eventKinds) logs.push(...(await lostLogs(config, event, admin, before, isThere)));
    for (const { gap, name } of logs) if (gap) log.info({ name, ...gap }, 'archived from ClickHouse');
    for (const event of config.eventKinds)
      await renameLogs({ kafka, admin, config, event }, { before, reason, logs, log });
    const resent = isThere ? await sendAgain(config, log, { kafka, admin, logs }) : null;
    const lost = lostText(logs, resent);
    if (lost !== null) await reportLost(config, `kafka-lost-${restore}`, lost, logs);
    await acceptStore(register, 'kafka', Date.now());
    await endRestore(register, 'kafka', 'the platform goes on with another one', Date.now());
    return { logs, resent, lost };
  } finally {
    await admin.disconnect();
  }
}

/** One that was made in the place of another has no messages: roles that meet it do not begin. */
async function refuseUsed(admin: Admin, { eventKinds, regions }: Config): Promise<void> {
  const there = new Set(await admin.listTopics());
  for (const topic of eventKinds.flatMap((event) => eventTopics(event, regions)).filter((topic) => there.has(topic))) {
    const used = (await admin.fetchTopicOffsets(topic)).some(({ high }) => high !== '0');
    if (!used) continue;
    throw new Error(
      `KAFKA_BROKERS: this Kafka is another one than that of this platform, and its topic ${topic} has messages: name the right one, or an empty one`,
    );
  }
}

/** False: it was lost too, and has nothing to archive from. */
async function clickHouseAnswers(config: Config, say: (line: string) => void): Promise<boolean> {
  let state = await clickHouseState(config);
  if (state === 'away') say('waiting for ClickHouse');
  for (; state === 'away'; state = await clickHouseState(config)) await delay(LOOK_EVERY_MS);
  return state === 'whole';
}

/**
 * Gives the logs of a kind their next names, and has the sink begin with them. Roles that still work on the old ones end
 * first, since they no longer find their Kafka.
 */
async function renameLogs(
  { kafka, admin, config, event }: { kafka: Kafka; admin: Admin; config: Config; event: EventKind },
  { before, reason, logs, log }: { before: PartitionNames; reason: string; logs: readonly LostLog[]; log: Log },
): Promise<void> {
  const register = openRegister(config);
  const sinkGroup = groupsOf(event).sink;
  await waitUntil(
    'realtime roles that were started before Kafka was lost to end',
    async () => ((await hasMembers(admin, sinkGroup)) ? 'one still reads: stop it' : null),
    { stallMs: GROUP_STALL_MS, everyMs: LOOK_EVERY_MS, onProgress: (line) => log.info(line) },
  );
  const topics = eventTopics(event, config.regions);
  const ofKind = logs.filter((one) => one.event === event);
  for (const { place } of ofKind) {
    const { topic, partition } = placeOf(place);
    const entry = { from: 0, reason, requested_by: askedBy(), at: iso(Date.now()) };
    // Taken: a restore that was interrupted has named it.
    await renamePartition(register, { topic, partition, generation: before.of(topic, partition).generation }, entry);
  }
  const arrived = ofKind.flatMap(({ place, arrivedMs }) => (arrivedMs === null ? [] : [[place, arrivedMs] as const]));
  const names = await readPartitionNames(register);
  await beginAnew({ event, kafka, admin, names, topics, sinkGroup }, new Map(arrived));
}

/** Receipts of the days name it, since it may be missing in their counts. */
async function reportLost(config: Config, name: string, what: string, logs: readonly LostLog[]): Promise<void> {
  const arrived = logs.flatMap(({ arrivedMs }) => arrivedMs ?? []);
  const firstMs = arrived.length === 0 ? Date.now() : Math.min(...arrived);
  const range = { from: iso(dayStartMs(dayOf(firstMs))), to: iso(dayStartMs(dayOf(Date.now())) + DAY_MS) };
  await reportFinding(openRegister(config), name, {
    code: 'kafka_lost',
    what,
    mend: `have the senders write these lines to a log again, then: ./clickledger findings --settle ${name} --reason "sent again"`,
    range,
    found_at: iso(Date.now()),
  });
}
