import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { type AdMinute, type AdMinutesMessage, decodeMessage } from '../../domain/ad_minutes.ts';
import { filterKey } from '../../domain/filters/filter_revision.ts';
import { TOPICS } from '../../domain/names.ts';
import { FIRST_NAMES } from '../../domain/partition_names.ts';
import { DAY_MS, iso, MINUTE_MS, minuteOf } from '../../domain/time.ts';
import { createClickHouse, rows } from '../../infra/clients/clickhouse.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { clockOf, connectProducer, createKafka, ensureTopics, type Producer } from '../../infra/clients/kafka.ts';
import { readConfig } from '../../infra/config.ts';
import { createLog } from '../../infra/log.ts';
import { sql, statements } from '../../infra/sql.ts';
import { eventually } from '../../test/support/wait.ts';
import { encodeMetadata, NOTHING_COUNTED } from '../sink/intent.ts';
import { type PublisherPorts, publishStep } from './publish.ts';
import type { TopAdsStep } from './top_ads.ts';

const PARTITIONS = 4;
const urls = engineUrls(readConfig(inject('env')));
const log = createLog('publish-test');
log.level = 'error';
const kafka = createKafka(urls.kafka, 'publish-test', log);
const clickhouse = createClickHouse(urls.clickhouse);
const admin = kafka.admin();
let producer: Producer;
const id = `publish-test-${randomUUID().slice(0, 8)}`;
const clicksTopic = id;
const euTopic = `${id}.eu`;
const adMinutesTopic = `${id}-minutes`;
const NOTHING = { version: 0, offsets: new Map<string, number>(), boundaryMs: null, filters: {} };

beforeAll(async () => {
  await admin.connect();
  producer = await connectProducer(kafka);
  await ensureTopics(admin, [
    ...[clicksTopic, euTopic].map((topic) => ({
      topic,
      partitions: 1,
      config: { 'message.timestamp.type': 'LogAppendTime' },
    })),
    { topic: adMinutesTopic, partitions: PARTITIONS, config: {} },
  ]);
});
afterAll(async () => {
  await Promise.all([admin.disconnect(), producer.disconnect(), clickhouse.close()]);
});

/** Steps received by the top ads publisher. */
const steps: TopAdsStep[] = [];
const ports = (): PublisherPorts => ({
  admin,
  producer,
  clickhouse,
  adMinutesTopic,
  clicksTopics: [clicksTopic, euTopic],
  sinkGroup: id,
  readNames: async () => FIRST_NAMES,
  adMinutesPartitions: PARTITIONS,
  allowedLatenessMs: 0,
  tops: { publish: async (step) => void steps.push(step) },
  clock: clockOf(producer, TOPICS.clock),
  canGoBack: true,
  onAhead: async (boundaryMs, toMs) => void ahead.push([boundaryMs, toMs]),
  announcements: { next: async () => ({}) },
});
const ahead: [boundaryMs: number, toMs: number | null][] = [];

/** Produces the state the sink leaves: `count` messages on the topic, their rows stored, their offsets committed. */
const offsets = new Map<string, number>();
const offsetsNow = () => [...offsets].map(([topic, offset]): [string, number] => [`${topic}-0`, offset]);
async function store(
  clickMs: number,
  country: string,
  count: number,
  topic = clicksTopic,
  user_id = 'u',
): Promise<void> {
  const offset = offsets.get(topic) ?? 0;
  await producer.send({ topic, messages: Array.from({ length: count }, () => ({ value: 'x' })) });
  await clickhouse.insert({
    table: 'ads.clicks',
    format: 'JSONEachRow',
    values: Array.from({ length: count }, (_, i) => ({
      event_id: randomUUID(),
      ad_id: id,
      user_id,
      ip: '10.0.0.1',
      country,
      click_timestamp: iso(clickMs),
      arrived_at: iso(Date.now()),
      topic_partition: `${topic}-0`,
      topic_offset: offset + i,
    })),
  });
  offsets.set(topic, offset + count);
  const consumer = kafka.consumer({ groupId: id, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic });
  const joined = new Promise<void>((resolve) => consumer.on(consumer.events.GROUP_JOIN, () => resolve()));
  await consumer.run({ autoCommit: false, eachBatch: async () => {} });
  await joined;
  const metadata = encodeMetadata({ ...NOTHING_COUNTED, offset: offset + count, arrivedMs: Date.now() });
  await consumer.commitOffsets([{ topic, partition: 0, offset: String(offset + count), metadata }]);
  await consumer.disconnect();
}

/** All messages of the second queue, by partition, in order. */
async function queue(): Promise<AdMinutesMessage[][]> {
  const ends = await admin.fetchTopicOffsets(adMinutesTopic);
  const partitions: AdMinutesMessage[][] = Array.from({ length: PARTITIONS }, () => []);
  const total = ends.reduce((sum, { high }) => sum + Number(high), 0);
  const consumer = kafka.consumer({ groupId: `${adMinutesTopic}-${randomUUID()}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic: adMinutesTopic, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ partition, message }) => void partitions[partition]?.push(decodeMessage(message.value)),
  });
  await eventually('the second queue is read', async () => partitions.flat().length >= total);
  await consumer.disconnect();
  return partitions;
}

/** What was sent of a country, without the rows of filters, which other tests may have registered. */
async function ofAllClicks(country: string): Promise<AdMinute[]> {
  const messages = (await queue()).flat().filter((message) => message.kind === 'minutes');
  return messages.flatMap(({ filter, rows }) => (filter ? [] : rows.filter((row) => row[2] === country)));
}

test('publishes closed minutes as absolute counts, re-opened ones again, open ones never, and announces how far it is', async () => {
  const past = Date.UTC(2007, 4, 5, 6, 7, 8);
  const present = Date.now() + 5 * MINUTE_MS;
  await store(past, 'USA', 3);
  await store(past, 'DEU', 1);
  await store(present, 'USA', 9);
  const first = await publishStep(ports(), NOTHING);
  await store(past, 'USA', 2);
  await store(past, 'FRA', 4, euTopic);
  const second = await publishStep(ports(), first);
  expect(await publishStep(ports(), { ...second })).toMatchObject({
    offsets: new Map([
      [`${clicksTopic}-0`, 15],
      [`${euTopic}-0`, 4],
    ]),
  });

  const [closed, reopened] = steps;
  expect([[...(closed?.changed ?? [])], closed?.version]).toEqual([[minuteOf(past)], 13]);
  expect([[...(reopened?.changed ?? [])], reopened?.version]).toEqual([[minuteOf(past)], 19]);
  expect([reopened?.closedFromMs, reopened?.boundaryMs]).toEqual([first.boundaryMs, second.boundaryMs]);

  const partitions = await queue();
  const rows = partitions.flat().flatMap((message) => (message.kind === 'minutes' ? message.rows : []));
  const minute = minuteOf(past);
  expect(rows.sort()).toEqual([
    [minute, id, 'DEU', 1],
    [minute, id, 'FRA', 4],
    [minute, id, 'USA', 3],
    [minute, id, 'USA', 5],
  ]);
  for (const partition of partitions.slice(0, -1)) {
    const announced = partition.filter((message) => message.kind === 'closed-to');
    expect(announced.length).toBe(3);
    expect(announced[0]?.boundaryMs).toBe(first.boundaryMs);
    expect(partition.at(-1)?.kind).toBe('closed-to');
  }
  expect(partitions.at(-1)).toEqual([]);
});

test('a repeated step sends the same counts again', async () => {
  const before = (await queue()).flat().filter((message) => message.kind === 'minutes').length;
  await publishStep(ports(), NOTHING);
  const messages = (await queue()).flat().filter((message) => message.kind === 'minutes');
  expect(messages.length).toBeGreaterThan(before);
  const latest = messages.flatMap((message) => message.rows).filter(([, , country]) => country === 'USA');
  expect(Math.max(...latest.map(([, , , clicks]) => clicks))).toBe(5);
});

describe('rows of a registered filter', () => {
  const user = `user of ${id}`;
  const filter = { filterId: Math.floor(Date.now() / 1_000), revision: 1 };
  const key = filterKey(filter);
  const early = Date.UTC(2016, 5, 5, 6, 7);
  const late = early + 10 * MINUTE_MS;
  /** A step before the filter: minutes before `late` were sent. */
  const before = { version: 1, offsets: new Map<string, number>(), boundaryMs: late, filters: {} };
  const put = (is_deleted: boolean) =>
    clickhouse.insert({
      table: 'ads.filters',
      values: [
        {
          filter_id: filter.filterId,
          revision: is_deleted ? 2 : 1,
          name: id,
          is_deleted,
          definition: JSON.stringify({ user_id: [user] }),
          recorded_at: iso(Date.now()),
          recorded_by: id,
        },
      ],
      format: 'JSONEachRow',
    });
  beforeAll(() => put(false));
  afterAll(() => put(true));

  const sent = async () => {
    const messages = (await queue()).flat().filter((message) => message.kind === 'minutes');
    return messages
      .filter((message) => message.filter && filterKey(message.filter) === key)
      .flatMap(({ rows }) => rows);
  };
  const announced = async () =>
    (await queue()).flat().flatMap((message) => (message.kind === 'closed-to' ? [message.filters?.[key] ?? null] : []));

  test('begin with the minutes that close at its first step, and an earlier minute gets none when it is re-opened', async () => {
    await store(early, 'USA', 3, clicksTopic, user);
    await store(late, 'USA', 4, clicksTopic, user);
    await store(late, 'USA', 5);
    const first = await publishStep(ports(), before);
    expect(first.filters[key]).toBe(late);
    expect(await sent()).toEqual([[late, id, 'USA', 4]]);
    expect((await announced()).at(-1)).toBe(late);

    await store(early, 'USA', 1, clicksTopic, user);
    await store(late, 'DEU', 2, clicksTopic, user);
    const second = await publishStep(ports(), first);
    expect(second.filters[key]).toBe(late);
    expect((await sent()).sort()).toEqual([
      [late, id, 'DEU', 2],
      [late, id, 'USA', 4],
    ]);
  });

  test('of a step that was not saved are sent by the next one, from the same minute on', async () => {
    const again = await publishStep(ports(), before);
    expect(again.filters[key]).toBe(late);
    const rows = await sent();
    expect(new Set(rows.map((row) => row.join()))).toEqual(new Set([`${late},${id},USA,4`, `${late},${id},DEU,2`]));
    expect(rows.length).toBeGreaterThan(2);
  });

  test('end with the filter', async () => {
    await put(true);
    expect(await publishStep(ports(), { ...before, filters: { [key]: late } })).toMatchObject({ filters: {} });
    expect((await announced()).at(-1)).toBeNull();
  });
});

describe('clocks', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    ahead.length = 0;
  });
  const trueMs = Date.now.bind(Date);
  const aDayAhead = { read: async () => (await ports().clock.read()) + DAY_MS };
  /** What was announced last. */
  const last = async (): Promise<AdMinutesMessage & { kind: 'closed-to' }> => {
    const [first] = await queue();
    const closed = (first ?? []).findLast((message) => message.kind === 'closed-to');
    if (closed === undefined) throw new Error('nothing was announced');
    return closed;
  };

  /** Within what Kafka takes: it refuses messages that are stamped an hour ahead of it. */
  test('a host whose clock is most of an hour ahead closes no minute early', async () => {
    vi.spyOn(Date, 'now').mockImplementation(() => trueMs() + 50 * MINUTE_MS);
    const step = await publishStep(ports(), NOTHING);
    vi.restoreAllMocks();
    expect(step.boundaryMs).toBeLessThanOrEqual(trueMs());
    expect(step.boundaryMs).toBeGreaterThan(trueMs() - 5 * MINUTE_MS);
    expect((await last()).watermarkMs).toBeLessThanOrEqual(trueMs());
  });

  test('a boundary that was announced a day ahead is taken back, and its minutes are sent again when they close', async () => {
    const present = minuteOf(trueMs()) - MINUTE_MS;
    await store(present, 'NLD', 1);
    const far = await publishStep({ ...ports(), clock: aDayAhead }, NOTHING);
    expect(far.boundaryMs).toBeGreaterThan(trueMs() + DAY_MS / 2);
    const filters = { '1:1': far.boundaryMs ?? 0 };

    // By a clock two minutes ago, so that the minute has not closed: the boundary lies before it.
    const behind = { read: async () => (await ports().clock.read()) - 2 * MINUTE_MS };
    const right = await publishStep({ ...ports(), clock: behind }, { ...far, filters });
    expect(ahead).toEqual([[far.boundaryMs, right.boundaryMs]]);
    expect(right.boundaryMs).toBeLessThanOrEqual(present);
    expect(right.version).toBe(far.version + 1);
    expect(await last()).toMatchObject({ boundaryMs: right.boundaryMs });
    expect((await last()).watermarkMs).toBeLessThanOrEqual(trueMs());

    await store(present, 'NLD', 2);
    const closed = await publishStep(ports(), right);
    expect(ahead).toHaveLength(1);
    expect(closed.boundaryMs).toBeGreaterThan(present);
    const counts = await ofAllClicks('NLD');
    expect(counts.sort(([, , , a], [, , , b]) => a - b)).toEqual([
      [present, id, 'NLD', 1],
      [present, id, 'NLD', 3],
    ]);
  });
});

test('a boundary that readers would not take back stays, and what comes for its minutes is sent', async () => {
  const present = minuteOf(Date.now());
  const far = { ...NOTHING, version: 1, offsets: new Map(offsetsNow()), boundaryMs: present + DAY_MS };
  await store(present, 'BEL', 2);
  ahead.length = 0;
  const step = await publishStep({ ...ports(), canGoBack: false }, far);
  expect(step.boundaryMs).toBe(far.boundaryMs);
  expect(ahead).toEqual([[far.boundaryMs, null]]);
  expect(await ofAllClicks('BEL')).toEqual([[present, id, 'BEL', 2]]);
});

test('progress from before regions existed is that of the topic clicks', async () => {
  const table = `ads.publisher_progress_${randomUUID().slice(0, 8)}`;
  const run = async (migration: string): Promise<void> => {
    for (const statement of statements(sql(`clickhouse/migrations/${migration}.sql`))) {
      await clickhouse.command({ query: statement.replace('ads.publisher_progress', table) });
    }
  };
  await run('0005_publisher');
  const before = [{ version: 7, offsets: { 0: 12, 3: 5 }, boundary: 0 }];
  await clickhouse.insert({ table, values: before, format: 'JSONEachRow' });
  await run('0006_publisher_topics');
  await run('0012_filter_rows');
  const query = sql('clickhouse/queries/publisher_progress.sql').replace('publisher_progress', table);
  const carriedOver = { version: 7, offsets: { 'clicks-0': 12, 'clicks-3': 5 }, boundaryMs: 0, filters: {} };
  expect(await rows(clickhouse, query)).toEqual([carriedOver]);
  const after = [{ version: 8, sink_offsets: { 'clicks.eu-0': 1 }, boundary: 0 }];
  await clickhouse.insert({
    table,
    values: after,
    columns: ['version', 'sink_offsets', 'boundary'],
    format: 'JSONEachRow',
  });
  expect(await rows(clickhouse, query)).toMatchObject([{ version: 8, offsets: { 'clicks.eu-0': 1 } }]);
  await clickhouse.command({ query: `DROP TABLE ${table}` });
});
