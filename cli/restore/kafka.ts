import { setTimeout as delay } from 'node:timers/promises';
import { type EventKind, eventTopics } from '../../domain/event_kinds.ts';
import { groupsOf, placeOf } from '../../domain/names.ts';
import type { PartitionNames, Renamed } from '../../domain/partition_names.ts';
import { iso } from '../../domain/time.ts';
import { kafkaAddress } from '../../infra/clients/engines.ts';
import { type Admin, createKafka, type Kafka } from '../../infra/clients/kafka.ts';
import type { Config } from '../../infra/config.ts';
import type { Log } from '../../infra/log.ts';
import { givenUpKafka } from '../../infra/preflight/given_up.ts';
import { NOTICED_MS } from '../../infra/preflight/preflight.ts';
import { idOnRecord, onRecordSince, replaceStore } from '../../infra/preflight/stores.ts';
import { openRegister } from '../../infra/register/open.ts';
import { settleLeft } from '../../infra/register/partition_findings.ts';
import { readPartitionNames, renamePartition } from '../../infra/register/partition_names.ts';
import { beginRestore, endRestore } from '../../infra/register/restores.ts';
import { NEW_KAFKA, RESTORE } from '../../infra/restored.ts';
import { MIGRATE } from '../../infra/schema.ts';
import type { Resent } from '../../ingest/resend.ts';
import { beginAnew } from '../../realtime/restore/begin_anew.ts';
import { askedBy } from '../arguments/asked_by.ts';
import { untilNoSink, withAdmin } from './admin.ts';
import { untilAnswering } from './clickhouse.ts';
import { type FoundKafka, findKafka, kafkaCalled, untilKafkaAnswers } from './kafka_state.ts';
import { type LostLog, lostLogs, lostText, reportLost } from './lost_logs.ts';
import { type GoneOn, sendAgain, sinceStored } from './send_again.ts';

/** The Kafka that is given up for another one. */
interface GivingUp {
  /** The id of the cluster that was lost; null: none was on record. */
  lost: string | null;
  /** The other one answered when the restore began, so roles may be at work. */
  wasAnswering: boolean;
}

interface KafkaRestored {
  logs: LostLog[];
  /** Null: nothing could be read again. */
  resent: Resent | null;
  /** What may be lost for good, in words; null: nothing is. */
  lost: string | null;
}

/** Whether Kafka was lost: its data are gone, or another one is there. */
export async function isKafkaLost(config: Config): Promise<boolean> {
  const register = openRegister(config);
  if ((await givenUpKafka(register)) !== null) return true;
  const expected = await idOnRecord(register, 'kafka');
  return expected !== null && isAnother(await findKafka(config), expected);
}

const isAnother = ({ id, isGone }: FoundKafka, expected: string): boolean => isGone || (id !== null && id !== expected);

/**
 * Whether Kafka is given up for another one. Nothing is put on record. Throws if it was lost and nobody has asked for that,
 * or if the other one has messages: it is somebody else's.
 * @param isAsked whether it may be given up
 */
export async function judgeKafka(
  config: Config,
  isAsked: boolean,
  say: (line: string) => void,
): Promise<GivingUp | null> {
  const register = openRegister(config);
  const givenUp = await givenUpKafka(register);
  let found = await findKafka(config);
  if (givenUp !== null) return { lost: givenUp.lost, wasAnswering: found.isAnswering };
  const expected = await idOnRecord(register, 'kafka');
  if (expected === null) return null;
  if (isAsked && found.id === null && !found.isGone) {
    const id = await untilKafkaAnswers(config, say, 'nothing is given up before it answers');
    found = { id, isAnswering: true, isGone: false };
  }
  if (!isAnother(found, expected)) {
    if (isAsked) say(`--new-kafka: ${kafkaCalled(config)} is the one of this platform, and is not given up`);
    return null;
  }
  if (!isAsked) throw whyLost(config, found, expected);
  if (found.isAnswering) await withAdmin(config, (admin) => refuseUsed(admin, config));
  return { lost: expected, wasAnswering: found.isAnswering };
}

/** Throws if the Kafka that answers is not that of this platform; waits until one does. */
export async function requireOwnKafka(config: Config, say: (line: string) => void): Promise<void> {
  const id = await untilKafkaAnswers(config, say, 'start the platform (./clickledger up), or that Kafka');
  const register = openRegister(config);
  const expected = await idOnRecord(register, 'kafka');
  if (expected !== null && id !== expected) throw whyLost(config, { id, isAnswering: true, isGone: false }, expected);
  // A kill may have left the finding of a restore that has ended.
  await endRestore(register, 'kafka', 'it is there', Date.now());
}

function whyLost(config: Config, { id, isGone }: FoundKafka, expected: string): Error {
  const what = isGone
    ? `the data of Kafka are gone from ${config.dataDir}/engines/kafka (cluster ${expected})`
    : `${kafkaCalled(config)} is another cluster (${id}) than that of this platform (${expected})`;
  const back = isGone ? 'put the data back' : 'let KAFKA_BROKERS name the right one, or put its data back';
  return new Error(
    `KAFKA_BROKERS: ${what}; nothing was restored. If that cluster still exists, ${back}, and run "${RESTORE}" again; ` +
      `if it is lost for good, "${NEW_KAFKA}" goes on with an empty one`,
  );
}

/**
 * Goes on with an empty Kafka in the place of one that was lost, up to where it is known what is missing there: what had
 * been counted and not archived is archived from ClickHouse, and topics are counted from their beginning, under new names.
 * Each step may be repeated. Null: it was not lost.
 */
export async function goOnWithKafka(
  config: Config,
  { lost: gone, wasAnswering }: GivingUp,
  log: Log,
  say: (line: string) => void,
): Promise<GoneOn | null> {
  const register = openRegister(config);
  await beginRestore(register, 'kafka', Date.now(), gone);
  const how = 'start the platform (./clickledger up), which goes on with an empty one now';
  const id = await untilKafkaAnswers(config, say, how);
  const givenUp = await givenUpKafka(register);
  if (givenUp === null) throw new Error('another restore has just ended: look with "./clickledger status"');
  const { restore, lost, successor } = givenUp;
  const reason = `Kafka was lost (restore ${restore})`;
  const isOurs = ({ reason: why }: Renamed): boolean => why === reason;
  const before = await readPartitionNames(register, (entry) => !isOurs(entry));
  const isBegun = (await readPartitionNames(register)).left().length > before.left().length;
  if (id === lost && successor === null && !isBegun) {
    await endRestore(register, 'kafka', 'it was not lost', Date.now());
    return null;
  }
  if (id === lost || (successor !== null && id !== successor)) throw whyNotThat(config, id, { lost, successor });
  const kafka = createKafka(kafkaAddress(config), 'clickledger-restore', log);
  const admin = kafka.admin();
  await admin.connect();
  try {
    if (successor === null) await takeKafka(config, admin, id);
    const noticedInMs = (await onRecordSince(register, 'kafka')) + NOTICED_MS - Date.now();
    if (wasAnswering && noticedInMs > 0) {
      say('waiting until every role has noticed that Kafka is another one');
      await delay(noticedInMs);
    }
    await MIGRATE.kafka(config, say);
    // An empty one was lost too, and has nothing of this platform.
    const isThere = (await untilAnswering(config, say, '')) !== 'empty';
    const logs: LostLog[] = [];
    for (const event of config.eventKinds) logs.push(...(await lostLogs(config, event, admin, before, isThere)));
    for (const { gap, name } of logs) if (gap) log.info({ name, ...gap }, 'archived from ClickHouse');
    for (const event of config.eventKinds)
      await renameLogs({ kafka, admin, config, event }, { before, reason, logs, log });
    return { restore, kafka, admin, logs, since: sinceStored(config, logs) };
  } catch (error) {
    await admin.disconnect();
    throw error;
  }
}

/**
 * Reads again what only the lost Kafka had, from the logs of this machine, puts on record what cannot be, and lets the
 * roles go on. ClickHouse has all that it had again, or all that the archive has.
 */
export async function finishKafka(config: Config, log: Log, gone: GoneOn): Promise<KafkaRestored> {
  const register = openRegister(config);
  const { restore, logs, admin } = gone;
  try {
    const resent = await sendAgain(config, log, gone);
    const lost = lostText(logs, resent);
    if (lost !== null) await reportLost(config, `kafka-lost-${restore}`, lost, logs);
    await endRestore(register, 'kafka', 'the platform goes on with another one', Date.now());
    return { logs, resent, lost };
  } finally {
    await admin.disconnect();
  }
}

/** From now on it is the Kafka of this platform: roles refuse every other one, that was lost too. */
async function takeKafka(config: Config, admin: Admin, id: string): Promise<void> {
  const register = openRegister(config);
  try {
    await refuseUsed(admin, config);
  } catch (error) {
    await endRestore(register, 'kafka', 'refused: the other one has messages', Date.now());
    throw error;
  }
  await replaceStore(register, 'kafka', id, Date.now());
  const taken = await idOnRecord(register, 'kafka');
  if (taken !== id) throw whyNotThat(config, id, { lost: null, successor: taken });
}

function whyNotThat(
  config: Config,
  id: string,
  { lost, successor }: { lost: string | null; successor: string | null },
): Error {
  const which = id === lost ? `the one that was given up (${id})` : `another one (${id})`;
  const goesOn = successor === null ? 'an empty one, under new names of logs' : successor;
  return new Error(
    `KAFKA_BROKERS: ${kafkaCalled(config)} is ${which}, and this restore has gone on with ${goesOn}: what is counted from there ` +
      `would be counted twice. Let KAFKA_BROKERS name that one, or put its data back, and run "${RESTORE}" again; if it is ` +
      `lost too, "./clickledger migrate --accept-store kafka", and then "${NEW_KAFKA}" with an empty one`,
  );
}

/** One that was made in the place of another has no messages: roles that meet it do not begin. */
async function refuseUsed(admin: Admin, config: Config): Promise<void> {
  const { eventKinds, regions } = config;
  const there = new Set(await admin.listTopics());
  for (const topic of eventKinds.flatMap((event) => eventTopics(event, regions)).filter((topic) => there.has(topic))) {
    const used = (await admin.fetchTopicOffsets(topic)).some(({ high }) => high !== '0');
    if (!used) continue;
    throw new Error(
      `KAFKA_BROKERS: ${kafkaCalled(config)} is another one than that of this platform, and its topic ${topic} has messages: name the right one, or an empty one`,
    );
  }
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
  const which = 'realtime roles that were started before Kafka was lost';
  await untilNoSink(admin, [event], which, (line) => log.info(line));
  const topics = eventTopics(event, config.regions);
  const ofKind = logs.filter((one) => one.event === event);
  for (const { place, name } of ofKind) {
    const { topic, partition } = placeOf(place);
    const entry = { from: 0, reason, requested_by: askedBy(), at: iso(Date.now()) };
    // Taken: a restore that was interrupted has named it.
    await renamePartition(register, { topic, partition, generation: before.of(topic, partition).generation }, entry);
    await settleLeft(register, name, 'Kafka was lost, and the log with it');
  }
  const arrived = ofKind.flatMap(({ place, arrivedMs }) => (arrivedMs === null ? [] : [[place, arrivedMs] as const]));
  const names = await readPartitionNames(register);
  await beginAnew({ event, kafka, admin, names, topics, sinkGroup }, new Map(arrived));
}
