import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import type { Click } from '../../domain/click/click.ts';
import { partitionOf } from '../../domain/click/partition.ts';
import { encodeClick } from '../../domain/click/wire.ts';
import { placeOf } from '../../domain/names.ts';
import { createClickHouse, rows } from '../../infra/clients/clickhouse.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import {
  committedOffsetsOf,
  connectProducer,
  createKafka,
  endOffsets,
  endOffsetsOf,
  ensureTopics,
  MEMBERSHIP,
  type Producer,
} from '../../infra/clients/kafka.ts';
import { readConfig } from '../../infra/config.ts';
import { createLog } from '../../infra/log.ts';
import { openFindings } from '../../infra/register/findings.ts';
import type { Service } from '../../infra/role.ts';
import { change, forgetAds } from '../../test/support/corruption.ts';
import { testRegister } from '../../test/support/register.ts';
import { eventually } from '../../test/support/wait.ts';
import { decodeProgress, encodeMetadata, type Progress } from './intent.ts';
import { startSink } from './sink.ts';

const PARTITIONS = 2;
const urls = engineUrls(readConfig(inject('env')));
const log = createLog('sink-test');
log.level = 'error';
const kafka = createKafka(urls.kafka, 'sink-test', log);
const clickhouse = createClickHouse(urls.clickhouse);
const admin = kafka.admin();
let producer: Producer;

beforeAll(async () => {
  await admin.connect();
  producer = await connectProducer(kafka);
});
afterAll(async () => {
  await Promise.all([admin.disconnect(), producer.disconnect(), clickhouse.close()]);
});

/** A topic (plus topics for regions), a consumer group and ads for one test. */
async function place(...regions: string[]) {
  const topic = `sink-test-${randomUUID().slice(0, 8)}`;
  const topics = [topic, ...regions.map((region) => `${topic}.${region}`)];
  const spec = { partitions: PARTITIONS, config: { 'message.timestamp.type': 'LogAppendTime' } };
  await ensureTopics(admin, [
    ...topics.map((name) => ({ topic: name, ...spec })),
    { topic: `${topic}-rejected`, ...spec, partitions: 1 },
  ]);
  return { topic, topics, groupId: topic, ad: topic, register: testRegister() };
}
type Place = Awaited<ReturnType<typeof place>>;

const start = ({ topic, topics, groupId, register }: Place, through = clickhouse): Promise<Service> =>
  startSink({
    event: 'click',
    kafka,
    admin,
    producer,
    clickhouse: through,
    topics,
    groupId,
    dedupeWindowMs: 600_000,
    register,
    nowMs: Date.now,
    log,
    rejectedTopic: `${topic}-rejected`,
    metrics: new Registry(),
    onFailure: (error) => {
      throw error;
    },
  });

const AN_HOUR_AHEAD = Date.now() + 3_600_000;

/** Every hundredth click is in the future. */
const click = ({ ad }: Place, n: number): Click => ({
  event_id: `e${n}`,
  ad_id: `${ad}-${n % 3}`,
  click_timestamp: n % 100 === 99 ? AN_HOUR_AHEAD : Date.UTC(2006, 0, 1 + (n % 400), 0, n % 60),
  user_id: `user ${n}`,
  ip: '10.0.0.1',
  country: 'USA',
});

async function send({ topic }: Pick<Place, 'topic'>, clicks: Click[]): Promise<void> {
  const messages = clicks.map((c) => ({ value: encodeClick(c), partition: partitionOf(c.event_id, PARTITIONS) }));
  await producer.send({ topic, acks: -1, messages });
}

async function counted({ ad }: Place) {
  const where = `startsWith(ad_id, '${ad}')`;
  const [row] = await rows<{ raw: number; by_ad: number; by_minute: number; copies: number; future: number }>(
    clickhouse,
    `SELECT (SELECT count() FROM ads.clicks WHERE ${where}) AS raw,
            (SELECT sum(clicks) FROM ads.minutes_by_ad WHERE ${where}) AS by_ad,
            (SELECT sum(clicks) FROM ads.minutes_by_minute WHERE ${where}) AS by_minute,
            (SELECT count() FROM ads.copies_dropped WHERE ${where}) AS copies,
            (SELECT count() FROM ads.clicks_from_future WHERE ${where}) AS future`,
  );
  return row;
}

/** Everything sent is committed, so the counts read now are final. */
const caughtUp = ({ topics, groupId }: Place) =>
  eventually('the sink has caught up', async () => {
    const committed = await committedOffsetsOf(admin, groupId, topics);
    const ends = await endOffsetsOf(admin, topics);
    return [...ends].every(([topicPartition, end]) => {
      const entry = committed.get(topicPartition);
      if (end === 0) return true;
      return entry?.offset === end && decodeProgress(entry.offset, entry.metadata).pending === null;
    });
  });

type Committed = Awaited<ReturnType<typeof committedOffsetsOf>>;

/** A place with so many clicks, which a sink has counted before it stopped. */
async function placeWith(count: number): Promise<Place> {
  const here = await place();
  await send(
    here,
    range(0, count).map((n) => click(here, n)),
  );
  const sink = await start(here);
  await caughtUp(here);
  await sink.stop();
  return here;
}

/** Leaves the group as a killed sink would: an intent over all messages, nothing after it. */
async function leaveIntents(
  { topics, groupId }: Place,
  from: 'the beginning' | 'the last commit',
  changed: Partial<Progress> = {},
): Promise<void> {
  const ends = await endOffsetsOf(admin, topics);
  const committed: Committed = from === 'the beginning' ? new Map() : await committedOffsetsOf(admin, groupId, topics);
  const intents = [...ends].map(([name, pending]) => {
    const entry = committed.get(name);
    const progress = decodeProgress(entry?.offset ?? 0, entry?.metadata ?? '');
    return [name, { offset: progress.offset, metadata: encodeMetadata({ ...progress, pending, ...changed }) }] as const;
  });
  await commitAgain({ topics, groupId }, new Map(intents));
}

/** As a member of the group that then leaves it. */
async function commitAgain({ topics, groupId }: Pick<Place, 'topics' | 'groupId'>, commits: Committed): Promise<void> {
  const abandoned = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
  await abandoned.connect();
  await abandoned.subscribe({ topics });
  const joined = new Promise<void>((resolve) => abandoned.on(abandoned.events.GROUP_JOIN, () => resolve()));
  await abandoned.run({ autoCommit: false, eachBatch: async () => {} });
  await joined;
  await abandoned.commitOffsets(
    [...commits].map(([name, { offset, metadata }]) => {
      return { ...placeOf(name), offset: String(offset), metadata };
    }),
  );
  await abandoned.disconnect();
}

/** Deletes the topic, and makes it again. */
async function remake({ topic }: Place): Promise<void> {
  await admin.deleteTopics({ topics: [topic] });
  await eventually('the topic is gone', async () => !(await admin.listTopics()).includes(topic));
  const config = { 'message.timestamp.type': 'LogAppendTime' };
  await ensureTopics(admin, [{ topic, partitions: PARTITIONS, config }]);
}

/** The kinds of what is reported, once there are as many. */
async function stoppedWith({ register }: Place, count: number): Promise<string[]> {
  let codes: string[] = [];
  await eventually(`${count} findings`, async () => {
    codes = (await openFindings(register)).map(({ code }) => code);
    return codes.length >= count;
  });
  return codes;
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe('sink', () => {
  test('counts each click once in the raw table and in both views, over hundreds of event days', async () => {
    const here = await place();
    await send(
      here,
      range(0, 3_000).map((n) => click(here, n)),
    );
    await send(
      here,
      range(500, 600).map((n) => click(here, n)),
    );
    const sink = await start(here);
    await caughtUp(here);
    await sink.stop();
    expect(await counted(here)).toEqual({ raw: 3_000, by_ad: 3_000, by_minute: 3_000, copies: 100, future: 30 });
  });

  test('the same id with other content is a separate click', async () => {
    const here = await place();
    await send(here, [click(here, 1), { ...click(here, 1), country: 'DEU' }, click(here, 1)]);
    const sink = await start(here);
    await caughtUp(here);
    await sink.stop();
    expect(await counted(here)).toMatchObject({ raw: 2, copies: 1 });
  });

  test('a restarted sink still recognises duplicates: its memory is rebuilt from the stored rows', async () => {
    const here = await placeWith(200);
    await send(
      here,
      range(100, 300).map((n) => click(here, n)),
    );
    const second = await start(here);
    await caughtUp(here);
    await second.stop();
    expect(await counted(here)).toEqual({ raw: 300, by_ad: 300, by_minute: 300, copies: 100, future: 3 });
  });

  test('reads its dedupe memory once, though that takes longer than a session of the group', {
    timeout: 240_000,
  }, async () => {
    const here = await place();
    const clicks = range(0, 100).map((n) => click(here, n));
    await send(here, clicks);
    const first = await start(here);
    await caughtUp(here);
    await first.stop();
    await send(here, clicks);
    let reads = 0;
    const slow: typeof clickhouse = Object.create(clickhouse, {
      exec: {
        async value(question: Parameters<typeof clickhouse.exec>[0]) {
          if (question.query.includes('identity_hash')) {
            reads += 1;
            await delay(1.2 * MEMBERSHIP.sessionTimeout);
          }
          return clickhouse.exec(question);
        },
      },
    });
    const second = await start(here, slow);
    await caughtUp(here);
    await second.stop();
    expect(await counted(here)).toMatchObject({ raw: 100, copies: 100 });
    expect(reads).toBe(PARTITIONS);
  });

  test.each([
    { left: 'after the intent, before the insert', inserted: false },
    { left: 'after the insert, before the commit', inserted: true },
  ])('a range left $left is repeated unchanged, though more messages have come since', async ({ inserted }) => {
    const here = await placeWith(500);
    if (!inserted)
      await send(
        here,
        range(500, 900).map((n) => click(here, n)),
      );
    await leaveIntents(here, inserted ? 'the beginning' : 'the last commit');
    await send(
      here,
      range(900, 1_000).map((n) => click(here, n)),
    );
    const again = await start(here);
    await caughtUp(here);
    await again.stop();
    const total = inserted ? 600 : 1_000;
    expect(await counted(here)).toMatchObject({ raw: total, by_ad: total, by_minute: total, future: total / 100 });
  });

  test('topics of regions are counted separately, with equal partition numbers and offsets, also when taken over', async () => {
    const here = await place('eu');
    const [main, eu] = here.topics.map((topic) => ({ topic })) as [{ topic: string }, { topic: string }];
    const clicks = (from: number, to: number): Click[] => range(from, to).map((n) => click(here, n));
    await send(main, clicks(0, 300));
    await send(eu, clicks(1_000, 1_300));
    const first = await start(here);
    await caughtUp(here);
    await first.stop();
    await leaveIntents(here, 'the beginning');
    const second = await start(here);
    await caughtUp(here);
    await second.stop();
    await send(main, clicks(300, 500));
    await send(eu, clicks(1_300, 1_500));
    await leaveIntents(here, 'the last commit');
    // Duplicates meet in the same topic, but not across topics.
    await send(eu, [...clicks(1_000, 1_010), ...clicks(0, 5)]);
    const third = await start(here);
    await caughtUp(here);
    await third.stop();
    expect(await counted(here)).toMatchObject({ raw: 1_005, by_ad: 1_005, by_minute: 1_005, copies: 10 });
  });

  test('a missing topic is reported by name', async () => {
    const here = await place();
    const sink = start({ ...here, topics: [here.topic, `${here.topic}.eu`] });
    await expect(sink).rejects.toThrow(`no topic ${here.topic}.eu yet: "clickledger migrate" creates it`);
  });

  test('invalid messages go to the rejected topic with position and reason, the rest is counted', async () => {
    const here = await place();
    await send(here, [click(here, 1)]);
    await producer.send({
      topic: here.topic,
      messages: [
        { value: 'not ours', partition: 0 },
        { value: null, partition: 0 },
        { value: encodeClick({ ...click(here, 3), click_timestamp: Date.now() + 3 * 86_400_000 }), partition: 1 },
      ],
    });
    await send(here, [click(here, 2)]);
    const sink = await start(here);
    await caughtUp(here);
    await sink.stop();
    expect(await counted(here)).toMatchObject({ raw: 2, by_ad: 2 });
    expect((await readAll(`${here.topic}-rejected`, 3)).map((m) => m.reason).sort()).toEqual([
      'bad_message',
      'bad_message',
      'time_in_future',
    ]);
  });

  test('however many messages are invalid, and however long one is, they are kept and the rest is counted', async () => {
    const here = await place();
    const garbage = 'not a click'.repeat(10);
    const junk = Array.from({ length: 8_000 }, () => ({ value: garbage, partition: 0 }));
    for (let at = 0; at < junk.length; at += 2_000) {
      await producer.send({ topic: here.topic, messages: junk.slice(at, at + 2_000) });
    }
    await producer.send({ topic: here.topic, messages: [{ value: Buffer.alloc(1_000_000), partition: 0 }] });
    await send(here, [click(here, 1)]);
    const sink = await start(here);
    await caughtUp(here);
    await sink.stop();
    expect(await counted(here)).toMatchObject({ raw: 1, by_ad: 1 });
    expect(await readAll(`${here.topic}-rejected`, junk.length + 1)).toHaveLength(junk.length + 1);
  });

  test('a topic that was made anew is not counted under the old offsets', async () => {
    const here = await placeWith(100);
    const clicks = (from: number, to: number): Click[] => range(from, to).map((n) => click(here, n));
    // Kafka forgets what groups have committed for a topic that it deletes.
    await remake(here);
    await send(here, clicks(1_000, 1_400));
    const second = await start(here);
    // Until Kafka has forgotten the commits, the log is another one than they say.
    const codes = await stoppedWith(here, PARTITIONS);
    expect(codes.filter((code) => code !== 'group_reset' && code !== 'log_cut')).toEqual([]);
    await second.stop();
    expect(await counted(here)).toMatchObject({ raw: 100, by_ad: 100, by_minute: 100 });
  });

  test.each<[string, (progress: Progress) => Partial<Progress>]>([
    [
      'is another one',
      ({ before }) => ({ before: { value: before?.value ?? '', time_ms: (before?.time_ms ?? 0) - 1 } }),
    ],
    ['has another value before ours', ({ before }) => ({ before: { value: '0', time_ms: before?.time_ms ?? 0 } })],
    ['ends below ours', ({ offset }) => ({ offset: offset + 100 })],
  ])('a log that %s is not counted', async (_, changed) => {
    const here = await placeWith(100);
    const clicks = (from: number, to: number): Click[] => range(from, to).map((n) => click(here, n));
    const committed = await committedOffsetsOf(admin, here.groupId, here.topics);
    const others = [...committed].map(([name, { offset, metadata }]) => {
      const progress = decodeProgress(offset, metadata);
      const other = { ...progress, ...changed(progress) };
      return [name, { offset: other.offset, metadata: encodeMetadata(other) }] as const;
    });
    await commitAgain(here, new Map(others));
    await send(here, clicks(1_000, 1_020));
    const second = await start(here);
    expect(await stoppedWith(here, PARTITIONS)).toEqual(Array(PARTITIONS).fill('log_cut'));
    await second.stop();
    expect(await counted(here)).toMatchObject({ raw: 100, by_ad: 100, by_minute: 100 });
  });

  test('messages that left Kafka uncounted are reported, and what came after them is counted', async () => {
    const here = await placeWith(100);
    const clicks = (from: number, to: number): Click[] => range(from, to).map((n) => click(here, n));
    await send(here, clicks(100, 200));
    const partitions = [...(await endOffsets(admin, here.topic))].map(([partition, offset]) => ({
      partition,
      offset: String(offset),
    }));
    await admin.deleteTopicRecords({ topic: here.topic, partitions });
    await send(here, clicks(200, 300));
    const second = await start(here);
    await caughtUp(here);
    await second.stop();
    expect(await stoppedWith(here, PARTITIONS)).toEqual(Array(PARTITIONS).fill('expired'));
    expect(await counted(here)).toMatchObject({ raw: 200, by_ad: 200, by_minute: 200 });
  });

  test('an older copy of ClickHouse is not counted on', async () => {
    const here = await placeWith(100);
    onTestFinished(() => forgetAds(clickhouse, here.ad));
    const older = `ALTER TABLE ads.clicks DELETE WHERE startsWith(ad_id, '${here.ad}') AND topic_offset >= 10`;
    await change(clickhouse, older);
    const second = await start(here);
    expect(await stoppedWith(here, PARTITIONS)).toEqual(Array(PARTITIONS).fill('clickhouse_older'));
    await second.stop();
    expect(await counted(here)).toMatchObject({ raw: 20, by_ad: 100 });
  });

  test.each([
    { left: 'whose token may be forgotten', inserts: [0], remove: 0, code: 'pending_in_doubt', raw: 100 },
    { left: 'of which only a part is stored', inserts: null, remove: 1, code: 'pending_in_doubt', raw: 98 },
  ])('a range $left is left in doubt, and not written', async ({ inserts, remove, code, raw }) => {
    const here = await placeWith(100);
    if (remove > 0) {
      onTestFinished(() => forgetAds(clickhouse, here.ad));
      const part = `ALTER TABLE ads.clicks DELETE WHERE startsWith(ad_id, '${here.ad}') AND topic_offset < ${remove}`;
      await change(clickhouse, part);
    }
    await leaveIntents(here, 'the beginning', { inserts });
    const second = await start(here);
    expect(await stoppedWith(here, PARTITIONS)).toEqual(Array(PARTITIONS).fill(code));
    await second.stop();
    expect(await counted(here)).toMatchObject({ raw, by_ad: 100, by_minute: 100 });
  });

  test('refuses to continue when the group was reset below what is stored', async () => {
    const here = await placeWith(50);
    const reset = await start({ ...here, groupId: `${here.groupId}-reset` });
    expect(await stoppedWith(here, PARTITIONS)).toEqual(Array(PARTITIONS).fill('group_reset'));
    await reset.stop();
    expect(await counted(here)).toMatchObject({ raw: 50 });
  });
});

async function readAll(topic: string, atLeast: number): Promise<{ reason: string }[]> {
  const consumer = kafka.consumer({ groupId: `${topic}-reader-${randomUUID()}`, maxWaitTimeInMs: 100 });
  const seen: { reason: string }[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({ eachMessage: async ({ message }) => void seen.push(JSON.parse(String(message.value))) });
  await eventually(`${atLeast} messages on ${topic}`, async () => seen.length >= atLeast);
  await consumer.disconnect();
  return seen;
}
