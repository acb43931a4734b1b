import { WIRE_VERSIONS } from '../../domain/click/wire.ts';
import type { Cut } from '../../domain/cut.ts';
import { placeOf, topicPartition } from '../../domain/names.ts';
import {
  type Admin,
  Continuity,
  createMember,
  type EachBatchPayload,
  endOffsetsOf,
  type Kafka,
  messagesOf,
  requireTopics,
  withHeartbeats,
} from '../../infra/clients/kafka.ts';
import {
  PartitionFindings,
  type PartitionProblem,
  partitionOption,
  toContinue,
} from '../../infra/register/partition_findings.ts';
import { readPartitionNames } from '../../infra/register/partition_names.ts';
import type { Register } from '../../infra/register/register.ts';
import { repeat } from '../../infra/repeat.ts';
import type { Service } from '../../infra/role.ts';
import { Serial } from '../../infra/serial.ts';
import { timingsOf } from '../../infra/timings.ts';
import { Archiver, type ArchiverOptions, type TopicPartition } from './archiver.ts';
import { chainEnd } from './files/manifest.ts';
import { requestedCut } from './requests.ts';

const CHECK_MS = 20_000;

interface ArchiveConsumerOptions extends Omit<ArchiverOptions, 'firstOffset'> {
  kafka: Kafka;
  topics: string[];
  groupId: string;
  /** Where it reports what it cannot archive. */
  register: Register;
  /** Called with a partition that is not archived any more, until it is assigned again. */
  onStopped?(name: string): void;
  /** Archiving is no longer possible; the process should end and be restarted. */
  onFatal(error: unknown): void;
}

/**
 * Archives the partitions that the group assigns to this process. Messages read and not archived are dropped on every
 * rebalance: the manifests say where to resume; the group's own offsets only serve to show the lag.
 */
export async function startArchiveConsumer(options: ArchiveConsumerOptions): Promise<Service> {
  const { kafka, topics, groupId, archiveDir, log, onFatal } = options;
  const timings = timingsOf(options.event);
  const admin = kafka.admin();
  const firstOffset = async (place: TopicPartition): Promise<number> => {
    const { topic, partition } = inKafka(place);
    return Math.max(await firstOffsetOf(admin, { topic, partition }), names.of(topic, partition).from);
  };
  /** Partitions of Kafka by the names of their logs, under which they are archived. */
  const places = new Map<string, TopicPartition>();
  const logOf = (topic: string, partition: number): TopicPartition => {
    const { name, topic: named } = names.of(topic, partition);
    places.set(name, { topic, partition });
    return { topic: named, partition };
  };
  const inKafka = (place: TopicPartition): TopicPartition => places.get(nameOf(place)) ?? place;
  const archiver = new Archiver({ ...options, firstOffset });
  const names = await readPartitionNames(options.register);
  const findings = new PartitionFindings(options.register, 'archive', 'not archived', log);
  /** By partition; dropped with what was read of it. */
  const continuities = new Map<string, Continuity>();
  const stopped = new Set<string>();
  const consumer = createMember(kafka, {
    groupId,
    maxWaitMs: timings.archiveFetchMs,
    rejoins: true,
    reads: WIRE_VERSIONS[options.event].annotated,
    onCrash: onFatal,
  });

  // Serializes batches, the timer and rebalances.
  const turns = new Serial();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = turns.run(work);
    turn.catch(onFatal);
    return turn;
  };
  const seek = (place: TopicPartition, offset: number) => consumer.seek({ ...inKafka(place), offset: String(offset) });

  let requested: Cut = {};
  async function flushDue(): Promise<void> {
    if (archiver.hasFlushed) await finishFlush();
    for (const place of archiver.due(requested, performance.now())) {
      await finishFlush();
      archiver.flush(place);
    }
  }

  async function finishFlush(): Promise<void> {
    const flushed = await archiver.flushed();
    if (flushed === null) return;
    const { place, ours, readOn } = flushed;
    if (ours) {
      const { topic, partition } = inKafka(place);
      const metadata = JSON.stringify({ generation: names.of(topic, partition).generation });
      const offsets = [{ topic, partition, offset: String(readOn), metadata }];
      await consumer.commitOffsets(offsets).catch((error) => log.debug({ err: error }, 'lag not shown'));
    } else {
      continuities.delete(nameOf(place));
      seek(place, readOn);
    }
  }

  async function takeBatch({ batch, resolveOffset, isRunning, isStale, pause }: EachBatchPayload): Promise<void> {
    if (!isRunning() || isStale()) return;
    const place = logOf(batch.topic, batch.partition);
    const name = nameOf(place);
    const continuity = await continuityFor(place);
    const messages = messagesOf(batch);
    const verdict = continuity.judge(messages, Number(batch.highWatermark));
    if (verdict.do === 'stop') stop(name, { code: 'log_cut', what: verdict.why, mend: toContinue(name) });
    if (verdict.do === 'gap') await refuseLoss(continuity.expected, place);
    if (stopped.has(name)) return void pause();
    if (verdict.do === 'seek') return seek(place, verdict.offset);
    const last = messages.at(-1);
    const expected = await archiver.take(place, messages, performance.now());
    if (last !== undefined && expected === last.offsetNumber + 1) {
      continuity.taken(last);
      findings.continues(name);
      resolveOffset(last.offset);
    } else {
      continuities.delete(name);
      seek(place, expected);
    }
    await flushDue();
  }

  async function continuityFor(place: TopicPartition): Promise<Continuity> {
    const name = nameOf(place);
    const known = continuities.get(name);
    if (known !== undefined) return known;
    const { next, last } = await archiver.position(place);
    const continuity = new Continuity(name, next, last);
    continuities.set(name, continuity);
    return continuity;
  }

  /** What Kafka no longer has is in no archive: nothing is archived over the gap until somebody says so. */
  async function refuseLoss(expected: number, place: TopicPartition): Promise<void> {
    const low = await firstOffset(place);
    if (low <= expected) return seek(place, expected);
    const what = `messages ${expected} to ${low - 1} of ${nameOf(place)} left Kafka before they were archived`;
    const mend = `archive on behind them: "./clickledger archive skip ${partitionOption(nameOf(place))}"`;
    stop(nameOf(place), { code: 'expired', what, mend });
  }

  /** Other partitions go on. */
  function stop(name: string, problem: PartitionProblem): void {
    if (stopped.has(name)) return;
    stopped.add(name);
    options.onStopped?.(name);
    findings.stopped(name, problem);
  }

  /** Somebody has archived over a gap: what is read goes on behind it. */
  async function checkStopped(): Promise<void> {
    for (const name of stopped) {
      const end = (await archiver.position(placeOf(name))).next;
      const { topic, partition } = placeOf(name);
      if ((chainEnd(archiveDir, topic, partition) ?? 0) > end) {
        onFatal(new Error(`${name} was archived on by a command: the role starts again behind that`));
      }
    }
  }

  /** A new name is taken up by starting again. */
  async function checkNames(): Promise<void> {
    const now = await readPartitionNames(options.register);
    for (const [before, { topic, partition }] of places) {
      const { name } = now.of(topic, partition);
      if (name !== before) onFatal(new Error(`${before} goes on as ${name}: the role starts again with the new name`));
    }
  }

  /** A log that became shorter gives no batch that would show it. */
  async function checkEnds(): Promise<void> {
    const ends = await endOffsetsOf(admin, topics, names).catch((error) => {
      log.warn({ err: error }, 'waiting for Kafka to say where its logs end');
      return null;
    });
    if (ends === null) return;
    for (const [name, continuity] of continuities) {
      // What it expects comes from the manifests, or was read before the ends were.
      const verdict = continuity.judgeEnd(ends.get(name) ?? 0);
      if (verdict.do === 'stop') stop(name, { code: 'log_cut', what: verdict.why, mend: toContinue(name) });
    }
  }

  consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
    archiver.newGeneration();
    inTurn(() => archiver.dropAll()).catch(() => {});
    continuities.clear();
    // A partition that was stopped, here and before, is looked at again.
    stopped.clear();
    for (const [topic, partitions] of Object.entries(memberAssignment)) {
      consumer.resume([{ topic, partitions }]);
      for (const partition of partitions) {
        const place = logOf(topic, partition);
        const { generation, from } = names.of(topic, partition);
        const end = chainEnd(archiveDir, place.topic, partition) ?? (generation > 1 ? from : null);
        if (end !== null) seek(place, end);
      }
    }
  });

  await admin.connect();
  await requireTopics(admin, topics);
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    eachBatch: (payload) =>
      withHeartbeats(
        payload.heartbeat,
        inTurn(() => takeBatch(payload)),
      ),
  });

  let looking = false;
  const clock = setInterval(() => {
    if (looking) return;
    looking = true;
    inTurn(async () => {
      requested = requestedCut(archiveDir);
      await flushDue();
    })
      .catch(() => {})
      .finally(() => {
        looking = false;
      });
  }, timings.flushRequestPollMs);

  const checks = repeat(CHECK_MS, async () => {
    await inTurn(checkEnds).catch(() => {});
    await inTurn(checkStopped).catch(() => {});
    await checkNames().catch((error) => log.warn({ err: error }, 'waiting for the register'));
  });

  return {
    async stop() {
      clearInterval(clock);
      await checks.stop();
      archiver.newGeneration();
      await consumer.disconnect();
      await turns.ended();
      await archiver.dropAll();
      await findings.written();
      await admin.disconnect();
    },
  };
}

const nameOf = ({ topic, partition }: TopicPartition): string => topicPartition(topic, partition);

async function firstOffsetOf(admin: Admin, { topic, partition }: TopicPartition): Promise<number> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return Number(offsets.find((entry) => entry.partition === partition)?.low ?? 0);
}
