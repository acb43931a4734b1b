import { setTimeout as delay } from 'node:timers/promises';
import { ClickHouseError } from '@clickhouse/client';
import type { Registry } from 'prom-client';
import { WIRE_VERSIONS } from '../../domain/click/wire.ts';
import type { EventKind } from '../../domain/event_kinds.ts';
import { placeOf, topicPartition } from '../../domain/names.ts';
import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import {
  type Admin,
  createMember,
  type EachBatchPayload,
  endOffsetsOf,
  type Kafka,
  MEMBERSHIP,
  messagesOf,
  type Producer,
  requireTopics,
  withHeartbeats,
} from '../../infra/clients/kafka.ts';
import type { Log } from '../../infra/log.ts';
import { registerOf } from '../../infra/register/kind_register.ts';
import { PartitionFindings, type PartitionProblem, toContinue } from '../../infra/register/partition_findings.ts';
import { readPartitionNames } from '../../infra/register/partition_names.ts';
import type { Register } from '../../infra/register/register.ts';
import { repeat } from '../../infra/repeat.ts';
import type { Service } from '../../infra/role.ts';
import { TIMINGS, timingsOf } from '../../infra/timings.ts';
import { Commits } from './commits.ts';
import { GroupMembership } from './membership.ts';
import { SinkMetrics } from './metrics.ts';
import { blockRows } from './partition_writer.ts';
import { SinkPause } from './pause.ts';
import { type OwnedPartition, takingOver } from './take_over.ts';

const TICK_MS = 100;
/** Ticks between a partition's turns to write its waiting rows. */
const TURN_TICKS = 10;
/** Ticks between turns while too few rows wait to be worth an insert. */
const SMALL_TURN_TICKS = TIMINGS.smallBlockMs / TICK_MS;
const SMALL_ROWS = 50;
const PAUSED_POLL_MS = 250;
const CHECK_MS = 20_000;
const COUNT_FROM_ARCHIVE =
  'count their days anew from the archive ("./clickledger replay"), then "./clickledger findings --settle"';

type Batch = Pick<EachBatchPayload['batch'], 'topic' | 'partition'>;

interface SinkOptions {
  event: EventKind;
  kafka: Kafka;
  admin: Admin;
  producer: Producer;
  clickhouse: ClickHouseClient;
  topics: string[];
  rejectedTopic: string;
  groupId: string;
  dedupeWindowMs: number;
  /** Where it reports what it cannot count. */
  register: Register;
  nowMs(): number;
  log: Log;
  metrics: Registry;
  /** Called once for a failure that only a restart can fix. */
  onFailure(error: unknown): void;
}

/** Kafka → ads.clicks and its views, exactly once; see intent.ts and membership.ts for how. */
export async function startSink(options: SinkOptions): Promise<Service> {
  const { kafka, admin, clickhouse, topics, groupId, log, onFailure } = options;
  const timings = timingsOf(options.event);
  await requireTopics(admin, [...topics, options.rejectedTopic]);
  const consumer = createMember(kafka, {
    groupId,
    maxWaitMs: timings.sinkFetchMs,
    reads: WIRE_VERSIONS[options.event].annotated,
    onCrash: onFailure,
  });
  const membership = new GroupMembership(consumer, MEMBERSHIP.sessionTimeout);
  const commits = new Commits();
  /** By topic and partition. */
  let owned = new Map<string, Promise<OwnedPartition>>();
  const ownsFirst = (): boolean => owned.has(topicPartition(topics[0] ?? '', 0));
  const sinkPause = new SinkPause(clickhouse, registerOf(options.register, options.event), ownsFirst, log);
  const metrics = new SinkMetrics(options.metrics, () => options.nowMs());
  const findings = new PartitionFindings(options.register, 'sink', 'not counted in real time', log);
  const onStopped = (name: string, problem: PartitionProblem): void => {
    metrics.stopped(name);
    findings.stopped(name, problem);
  };
  const names = await readPartitionNames(options.register);
  const takeOver = await takingOver({ ...options, names, membership, commits, sinkPause, metrics, onStopped });

  /** Where a renamed partition begins the group has not committed yet. */
  async function seekStart(topic: string, partition: number): Promise<void> {
    const { generation } = names.of(topic, partition);
    if (generation === 1) return;
    const offset = (await owned.get(topicPartition(topic, partition)))?.continuity.expected;
    consumer.seek({ topic, partition, offset: String(offset) });
  }

  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    const epoch = membership.epoch;
    const assigned = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition })),
    );
    const rowsOfBlock = blockRows(assigned.length);
    metrics.noneStopped();
    // A partition that was stopped, here and before, is looked at again.
    consumer.resume(assigned.map(({ topic, partition }) => ({ topic, partitions: [partition] })));
    owned = new Map(
      assigned.map(({ topic, partition }) => [
        topicPartition(topic, partition),
        takeOver({ topic, partition, rowsOfBlock, epoch }),
      ]),
    );
    for (const loading of owned.values()) loading.catch(onFailure);
    for (const { topic, partition } of assigned) seekStart(topic, partition).catch(onFailure);
  });

  async function eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const epoch = membership.epoch;
    // Reading the dedupe memory of a busy window may take longer than a session.
    const loading = owned.get(topicPartition(batch.topic, batch.partition));
    const taken = await withHeartbeats(payload.heartbeat, Promise.resolve(loading));
    if (!taken || epoch !== membership.epoch) return;
    const { writer, continuity } = taken;
    commits.setRequest(payload.commitOffsetsIfNecessary);
    const messages = messagesOf(batch);
    const verdict = continuity.judge(messages, Number(batch.highWatermark));
    if (verdict.do === 'stop') {
      const mend = toContinue(topicPartition(batch.topic, batch.partition));
      writer.stop({ code: 'log_cut', what: verdict.why, mend });
    }
    if (verdict.do === 'gap') await skipGap(taken, batch, verdict.found);
    if (writer.isStopped) return void payload.pause();
    if (verdict.do === 'seek') {
      return consumer.seek({ topic: batch.topic, partition: batch.partition, offset: String(verdict.offset) });
    }
    const next = messages.findIndex(({ offsetNumber }) => offsetNumber >= writer.expected);
    const last = messages.at(-1);
    if (next >= 0 && last) {
      writer.append(messages.slice(next));
      continuity.taken(last);
      findings.continues(names.of(batch.topic, batch.partition).name);
    }
    payload.resolveOffset(batch.lastOffset());
    if (writer.isFull) {
      const resume = payload.pause();
      const resumeWhenRoom = async (): Promise<void> => {
        while (writer.isFull && !writer.isStopped && epoch === membership.epoch) await delay(TICK_MS);
        if (!writer.isStopped) resume();
      };
      resumeWhenRoom().catch(onFailure);
    }
  }

  /** What Kafka no longer has cannot be counted from it any more: counting goes on behind it, and says so. */
  async function skipGap({ writer, continuity }: OwnedPartition, batch: Batch, found: number): Promise<void> {
    const { name } = names.of(batch.topic, batch.partition);
    const offsets = await admin.fetchTopicOffsets(batch.topic);
    const low = Number(offsets.find(({ partition }) => partition === batch.partition)?.low ?? 0);
    if (low < found || writer.backlog > 0) throw new Error(`${name}: expected ${writer.expected}, read ${found}`);
    const gone = `messages ${writer.expected} to ${found - 1} of ${name} left Kafka before they were counted`;
    if (writer.isPending) return writer.stop({ code: 'pending_in_doubt', what: gone, mend: toContinue(name) });
    findings.expired(name, writer.expected, gone, COUNT_FROM_ARCHIVE);
    writer.skipTo(found);
    continuity.skipTo(found);
  }

  /** A log that became shorter gives no batch that would show it. */
  async function checkEnds(): Promise<void> {
    const partitions = await Promise.all([...owned].map(async ([place, loading]) => ({ place, ...(await loading) })));
    const counted = new Map(partitions.map(({ place, continuity }) => [place, continuity.expected]));
    const ends = await endOffsetsOf(admin, topics);
    for (const { place, writer, continuity } of partitions) {
      // Whatever was read since the ends were asked for was not beyond them then.
      if ((ends.get(place) ?? 0) >= (counted.get(place) ?? 0)) continue;
      const verdict = continuity.judgeEnd(ends.get(place) ?? 0);
      if (verdict.do === 'stop') writer.stop({ code: 'log_cut', what: verdict.why, mend: toContinue(place) });
    }
  }

  /** A new name is taken up by starting again. */
  async function checkNames(): Promise<void> {
    const now = await readPartitionNames(options.register);
    for (const place of owned.keys()) {
      const { topic, partition } = placeOf(place);
      const [before, after] = [names.of(topic, partition).name, now.of(topic, partition).name];
      if (before !== after)
        onFailure(new Error(`${before} goes on as ${after}: the role starts again with the new name`));
    }
  }

  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 64,
    eachBatch,
  });

  let tick = 0;
  const timer = setInterval(() => {
    tick += 1;
    // Partitions take turns: if all inserted at once, ClickHouse would be slow for other queries.
    for (const [i, loading] of [...owned.values()].entries()) {
      const isTurn = (ticks: number): boolean => tick % ticks === i % ticks;
      loading
        .then(({ writer }) => writer.flush(isTurn(writer.backlog < SMALL_ROWS ? SMALL_TURN_TICKS : TURN_TICKS)))
        .catch(onFailure);
    }
  }, TICK_MS);

  let polledMs = 0;
  const polls = repeat(PAUSED_POLL_MS, async () => {
    // A replay waits for the sink to follow its steps; without one, one poll per second is enough.
    if (sinkPause.pause === null && performance.now() - polledMs < timings.sinkPausePollMs) return;
    polledMs = performance.now();
    await sinkPause.refresh().catch((error) => {
      if (error instanceof ClickHouseError) onFailure(error);
      else log.warn({ err: error }, 'waiting for ClickHouse to report whether to pause');
    });
  });

  const checks = repeat(CHECK_MS, async () => {
    await checkEnds().catch((error) => log.warn({ err: error }, 'waiting for Kafka to say where its logs end'));
    await checkNames().catch((error) => log.warn({ err: error }, 'waiting for the register'));
  });

  return {
    async stop() {
      clearInterval(timer);
      await Promise.all([polls.stop(), checks.stop()]);
      await Promise.allSettled([...owned.values()].map(async (loading) => (await loading).writer.idle));
      await findings.written();
      await consumer.disconnect();
    },
  };
}
