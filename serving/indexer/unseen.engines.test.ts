import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type AdMinutesMessage, decodeMessage, encodeMessage } from '../../domain/ad_minutes.ts';
import { MESSAGE_VERSION } from '../../domain/message_version.ts';
import { DAYS_ID, minutesIndex, topsIndex } from '../../domain/names.ts';
import { DAY_MS, dayOf, iso, MINUTE_MS } from '../../domain/time.ts';
import { decodeTops, encodeTops, type TopsMessage } from '../../domain/tops.ts';
import { createClickHouse } from '../../infra/clients/clickhouse.ts';
import { createElasticsearch } from '../../infra/clients/elasticsearch.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { committedOffsets, connectProducer, createKafka, endOffsets, ensureTopics } from '../../infra/clients/kafka.ts';
import { readConfig } from '../../infra/config.ts';
import { createLog } from '../../infra/log.ts';
import { fileRegister } from '../../infra/register/file_register.ts';
import { openFindings } from '../../infra/register/findings.ts';
import { Servers, storesOfClicks } from '../../test/support/api/server.ts';
import { testDays } from '../../test/support/days.ts';
import { eventually } from '../../test/support/wait.ts';
import { createArchive } from '../api/stores/hive_sessions.ts';
import { daysDoc, usableIndexes } from '../documents/days.ts';
import { readSetAside } from '../documents/set_aside.ts';
import { boundaryId, partitionDoc, putVersioned, readStateDoc } from '../documents/state.ts';
import { consume, prepareState } from './consume.ts';
import { createIndexer } from './indexer.ts';
import { createSetAside } from './set_aside.ts';
import { openTopsIndexer } from './tops.ts';
import { createUnseenReport } from './unseen.ts';

const config = readConfig(inject('env'));
const urls = engineUrls(config);
const log = createLog('unseen-test');
log.level = 'silent';
const elasticsearch = createElasticsearch(urls.elasticsearch);
const clickhouse = createClickHouse(urls.clickhouse);
const kafka = createKafka(urls.kafka, 'unseen-test', log);
const admin = kafka.admin();
const archive = createArchive(() => Promise.reject(new Error('nothing of this is archived')));
const servers = new Servers(config);
const id = `clickledger-indexer-unseen-${randomUUID().slice(0, 8)}`;
const folder = mkdtempSync(join(tmpdir(), 'clickledger-unseen-'));
/** The last one belongs to the runs. */
const PARTITIONS = 4;
const REALTIME = [0, 1, 2];

let producer: Awaited<ReturnType<typeof connectProducer>>;
const worlds: World[] = [];
beforeAll(async () => {
  await admin.connect();
  producer = await connectProducer(kafka);
});
afterAll(async () => {
  servers.close();
  for (const { state, days } of worlds) {
    const index = [state, ...days.map((day) => minutesIndex('click', day, 'rt'))];
    await elasticsearch.indices.delete({ index, ignore_unavailable: true });
  }
  await Promise.all([producer.disconnect(), admin.disconnect(), elasticsearch.close(), clickhouse.close()]);
  rmSync(folder, { recursive: true });
});

/** One topic, one state, one ad and three days, with an API that answers from them. */
class World {
  readonly name: string;
  readonly startMs = testDays(3);
  readonly days = [0, 1, 2].map((n) => dayOf(this.startMs + n * DAY_MS));
  readonly metrics = new Registry();
  readonly failures: unknown[] = [];
  readonly register;
  readonly #counts = new Map<number, number>();
  #clicks = 0;
  api = '';

  constructor(name: string) {
    this.name = `${id}-${name}`;
    this.register = fileRegister(join(folder, name));
    worlds.push(this);
  }

  get state(): string {
    return this.name;
  }

  get queue() {
    return { kafka, topic: this.name, group: this.name };
  }

  async prepare(): Promise<this> {
    await this.makeTopic();
    await prepareState(elasticsearch, { event: 'click', stateIndex: this.state }, this.queue);
    const stores = storesOfClicks({ clickhouse, elasticsearch, archive }, this.state, REALTIME);
    this.api = await servers.serve({ stores, now: () => this.startMs + 3 * DAY_MS });
    return this;
  }

  makeTopic(): Promise<void> {
    return ensureTopics(admin, [{ topic: this.name, partitions: PARTITIONS, config: {} }]);
  }

  /** Deletes the topic and makes it anew. */
  async remakeTopic(): Promise<void> {
    await admin.deleteTopics({ topics: [this.name] });
    await eventually('the topic is gone', async () => !(await admin.listTopics()).includes(this.name));
    await this.makeTopic();
  }

  /** As after its whole retention. */
  async expireAll(): Promise<void> {
    const ends = [...(await endOffsets(admin, this.name))];
    const partitions = ends.map(([partition, offset]) => ({ partition, offset: String(offset) }));
    await admin.deleteTopicRecords({ topic: this.name, partitions });
  }

  /** @param before is awaited before anything is applied */
  start(before: () => Promise<void> = async () => {}) {
    const { queue, state: stateIndex, metrics, register } = this;
    const pace = { hasTime: () => true, spent: () => {} };
    const own = new Registry();
    const event = 'click' as const;
    const deps = {
      event,
      elasticsearch,
      stateIndex,
      searchDays: 100,
      log,
      metrics: own,
      pace,
      nowMs: Date.now,
      partitions: PARTITIONS,
    };
    metrics.clear();
    const { ofMinutes } = createUnseenReport({ register, log, metrics });
    const indexer = createIndexer(deps);
    const waiting: typeof indexer = {
      ...indexer,
      apply: async (...applied) => {
        await before();
        await indexer.apply(...applied);
      },
    };
    return consume(queue, PARTITIONS, waiting, decodeMessage, {
      setAside: createSetAside({ elasticsearch, stateIndex, log, metrics: own }),
      onUnseen: ofMinutes,
      onFailure: (error) => void this.failures.push(error),
    });
  }

  send(partition: number, ...messages: AdMinutesMessage[]): Promise<unknown> {
    return producer.send({
      topic: this.name,
      messages: messages.map((message) => ({ partition, value: encodeMessage(message) })),
    });
  }

  minuteMs(day: number, minute: number): number {
    return this.startMs + day * DAY_MS + minute * MINUTE_MS;
  }

  /** Clicks are counted in ClickHouse, and published as the publisher does: whole counts of their minutes. */
  async click(...minutes: [day: number, minute: number, clicks: number][]): Promise<void> {
    for (const [day, minute, clicks] of minutes) {
      const minuteMs = this.minuteMs(day, minute);
      const values = Array.from({ length: clicks }, () => ({
        event_id: randomUUID(),
        ad_id: this.name,
        user_id: 'u',
        ip: '10.0.0.1',
        country: 'USA',
        click_timestamp: iso(minuteMs + 1),
        arrived_at: iso(Date.now()),
        topic_partition: `${this.name}-clicks-0`,
        topic_offset: this.#clicks++,
      }));
      await clickhouse.insert({ table: 'ads.clicks', values, format: 'JSONEachRow' });
      const count = (this.#counts.get(minuteMs) ?? 0) + clicks;
      this.#counts.set(minuteMs, count);
      const rows: AdMinutesMessage = {
        kind: 'minutes',
        day: dayOf(minuteMs),
        source: 'rt',
        rows: [[minuteMs, this.name, 'USA', count]],
      };
      await this.send(minute % REALTIME.length, rows);
    }
  }

  /** All rows of the minutes before it were sent. */
  async announce(day: number, minute: number): Promise<void> {
    const boundaryMs = this.minuteMs(day, minute);
    for (const partition of REALTIME) {
      await this.send(partition, { kind: 'closed-to', boundaryMs, watermarkMs: boundaryMs + 1 });
    }
  }

  /** Returns when everything that was sent is applied. */
  async applied(): Promise<void> {
    await eventually(`${this.name} is applied`, async () => {
      const [ends, committed] = [
        await endOffsets(admin, this.name),
        await committedOffsets(admin, this.name, this.name),
      ];
      return [...ends].every(([partition, end]) => end === 0 || (committed.get(partition)?.offset ?? 0) === end);
    });
    expect(this.failures).toEqual([]);
  }

  async run(work: () => Promise<void> = async () => {}): Promise<void> {
    const consumer = await this.start();
    await work();
    await this.applied();
    await consumer.stop();
  }

  /** What the API answers for all three days, and from where; it equals what was clicked. */
  async answer(): Promise<string> {
    const range = `from=${this.startMs}&to=${this.startMs + 3 * DAY_MS}`;
    // A reading of the state is shared for a quarter of a second.
    const stateIsRead = Date.now() + 300;
    await eventually('a new reading', async () => Date.now() > stateIsRead);
    const response = await fetch(`${this.api}/v1/ads/${this.name}/aggregated_count?${range}`);
    const { count, receipt } = (await response.json()) as { count: number; receipt: { sources: string[] } };
    expect(count).toBe([...this.#counts.values()].reduce((sum, clicks) => sum + clicks, 0));
    return receipt.sources.join();
  }

  doc(partition: number) {
    return readStateDoc(elasticsearch, partitionDoc, this.state, boundaryId(partition));
  }

  daysDoc() {
    return readStateDoc(elasticsearch, daysDoc, this.state, DAYS_ID);
  }

  async found(): Promise<string[]> {
    return (await openFindings(this.register)).map(({ code, what }) => `${code}: ${what}`);
  }
}

/** A first day is indexed and answered from Elasticsearch. */
async function worldWithADay(name: string): Promise<World> {
  const world = await new World(name).prepare();
  await world.click([0, 1, 3], [0, 2, 4], [0, 3, 5]);
  await world.announce(0, 10);
  await world.run();
  expect(await world.answer()).toBe('elasticsearch,clickhouse');
  expect(usableIndexes('click', (await world.daysDoc()) ?? { held: [], given_up: [] })).toEqual([
    minutesIndex('click', world.days[0] ?? '', 'rt'),
  ]);
  return world;
}

test('messages that expired before they were applied: no count is smaller, and it is said', async () => {
  const world = await worldWithADay('expired');
  // Late ones of a minute that is answered, later ones of the day, and those of a day that it never hears of.
  await world.click([0, 1, 2], [0, 20, 7], [1, 5, 11]);
  await world.announce(1, 10);
  await world.expireAll();
  await world.click([1, 20, 13]);
  await world.announce(1, 30);
  await world.run();
  expect(await world.answer()).toBe('clickhouse');
  expect((await world.daysDoc())?.held.filter(({ realtime }) => realtime !== 'none')).toEqual([]);
  expect(await world.doc(0)).toMatchObject({ boundary_ms: world.minuteMs(1, 30) });
  expect((await world.doc(0))?.unseen).toBeUndefined();
  expect(await world.found()).toHaveLength(3);
  expect((await world.found())[0]).toMatch(
    /^messages_not_seen: messages 2 to \d+ of .*-expired-0 left the topic before/,
  );
  expect(await world.metrics.metrics()).toContain('why="gone"} 3');
});

test('until something is announced after them, Elasticsearch answers nothing', async () => {
  const world = await worldWithADay('waiting');
  await world.click([1, 5, 11]);
  await world.expireAll();
  await world.click([1, 20, 13]);
  await world.run();
  const partition = 20 % REALTIME.length;
  expect(await world.doc(partition)).toMatchObject({ unseen: true, boundary_ms: world.minuteMs(0, 10) });
  expect(await world.answer()).toBe('clickhouse');
  await world.announce(1, 30);
  await world.run();
  expect((await world.doc(partition))?.unseen).toBeUndefined();
  expect(await world.answer()).toBe('clickhouse');
});

test('messages that expired after they were applied are no loss', async () => {
  const world = await worldWithADay('quiet');
  await world.expireAll();
  await world.click([0, 4, 2]);
  await world.announce(0, 12);
  await world.run();
  expect(await world.answer()).toBe('elasticsearch,clickhouse');
  expect([await world.found(), (await world.daysDoc())?.given_up]).toEqual([[], []]);
});

test('messages that expire while the indexer is at work are noticed when it reads on', async () => {
  const world = await worldWithADay('at-work');
  const partition = 20 % REALTIME.length;
  let goOn = (): void => {};
  const work = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  let isAtWork = false;
  const consumer = await world.start(async () => {
    isAtWork = true;
    await work;
  });
  await world.send(partition, { kind: 'minutes', day: world.days[0] ?? '', source: 'rt', rows: [] });
  await eventually('it is at work', async () => isAtWork);
  await world.click([0, 20, 7], [1, 5, 11]);
  await world.announce(1, 10);
  await world.expireAll();
  await world.click([1, 20, 13]);
  await world.announce(1, 30);
  goOn();
  await world.applied();
  await consumer.stop();
  expect(await world.answer()).toBe('clickhouse');
  expect((await world.found()).join()).toContain('left the topic');
});

test.each<[string, number]>([
  ['shorter', 1],
  ['as long', 12],
])('a topic that was made anew, %s: its messages are applied, and what was before is given up', async (name, more) => {
  const world = await worldWithADay(`anew-${name.replace(' ', '-')}`);
  await world.click([0, 20, 7], [1, 5, 11]);
  await world.remakeTopic();
  for (let i = 0; i < more; i++) {
    await world.click([1, 20 + (i % 3), 1]);
    await world.announce(1, 30);
  }
  await world.run();
  expect(await world.answer()).toBe('clickhouse');
  expect(await world.doc(0)).toMatchObject({ boundary_ms: world.minuteMs(1, 30) });
  expect((await world.found()).join()).toContain('were given out once more');
});

test('an older copy of Elasticsearch is noticed at the start, before any message comes', async () => {
  const world = await worldWithADay('older');
  const ids = [...REALTIME.map(boundaryId), DAYS_ID];
  const older = await elasticsearch.mget({ index: world.state, ids });
  await world.click([0, 1, 2], [0, 20, 7], [1, 5, 11]);
  await world.announce(1, 10);
  await world.run();
  for (const doc of older.docs) {
    if (!('_source' in doc)) throw new Error('not found');
    await elasticsearch.index({ index: world.state, id: doc._id, document: doc._source });
  }
  // Its rows are gone too.
  await elasticsearch.indices.delete({ index: minutesIndex('click', world.days[1] ?? '', 'rt') });
  const consumer = await world.start();
  expect(await world.answer()).toBe('clickhouse');
  expect((await world.found()).join()).toContain('Elasticsearch is an older copy');
  await world.click([1, 20, 13]);
  await world.announce(1, 30);
  await world.applied();
  await consumer.stop();
  expect(await world.answer()).toBe('clickhouse');
  expect(await world.doc(0)).toMatchObject({ boundary_ms: world.minuteMs(1, 30) });
});

test('a restored index of a run is counted again, and not used if it is short', async () => {
  const world = await worldWithADay('run-review');
  const day = world.days[0] ?? '';
  const rows = (n: number): [number, string, string, number][] =>
    Array.from({ length: n }, (_, i) => [world.minuteMs(0, i), world.name, 'USA', 1]);
  await world.send(
    PARTITIONS - 1,
    { kind: 'minutes', day, source: 'r1', rows: rows(3) },
    { kind: 'run-complete', day, run: 1, documents: 3, clicks: 3 },
    { kind: 'minutes', day, source: 'r2', rows: rows(4) },
    { kind: 'run-complete', day, run: 2, documents: 4, clicks: 4 },
  );
  await world.run();
  const doc = await world.doc(0);
  await elasticsearch.index({
    index: world.state,
    id: boundaryId(0),
    document: { ...doc, next_offset: 1, before: null },
  });
  const gone = `${world.minuteMs(0, 0)}:0:USA:${world.name}`;
  await elasticsearch.delete({ index: minutesIndex('click', day, 'r1'), id: gone });
  await world.run();
  const usable = usableIndexes('click', (await world.daysDoc()) ?? { held: [], given_up: [] });
  expect([
    usable.includes(minutesIndex('click', day, 'r1')),
    usable.includes(minutesIndex('click', day, 'r2')),
  ]).toEqual([false, true]);
  await elasticsearch.indices.delete({ index: ['r1', 'r2'].map((run) => minutesIndex('click', day, run as 'r1')) });
});

test('of messages of runs that were never seen, any may have said that a day was recounted', async () => {
  const world = await worldWithADay('runs');
  await world.send(PARTITIONS - 1, { kind: 'run-current', day: world.days[2] ?? '', run: 0, seq: 1 });
  await world.run();
  await world.send(PARTITIONS - 1, { kind: 'realtime-given-up', days: [world.days[0] ?? ''] });
  await world.expireAll();
  await world.send(PARTITIONS - 1, { kind: 'run-current', day: world.days[2] ?? '', run: 0, seq: 2 });
  await world.run();
  expect((await world.daysDoc())?.held.filter(({ realtime }) => realtime !== 'none')).toEqual([]);
  expect(await world.answer()).toBe('clickhouse');
});

test('an index that somebody closed is lost, whether or not rows come for it', async () => {
  const world = await worldWithADay('closed');
  const [first = '', second = ''] = world.days.map((day) => minutesIndex('click', day, 'rt'));
  await world.click([1, 1, 2]);
  await world.announce(1, 10);
  await world.run();
  await elasticsearch.indices.close({ index: first });
  await world.click([0, 1, 2], [1, 2, 3]);
  await world.announce(1, 12);
  await world.run();
  expect(usableIndexes('click', (await world.daysDoc()) ?? { held: [], given_up: [] })).toEqual([second]);
  expect(await world.answer()).toBe('elasticsearch,clickhouse');
});

test('a message of a later release stops the indexer, and nothing is set aside or passed over', async () => {
  const world = await worldWithADay('newer');
  const before = await committedOffsets(admin, world.name, world.name);
  const value = JSON.stringify({ kind: 'weeks', v: MESSAGE_VERSION + 1 });
  await producer.send({ topic: world.name, messages: [{ partition: 0, value }] });
  const consumer = await world.start();
  await eventually('it stops', async () => world.failures.length > 0);
  await consumer.stop();
  expect(String(world.failures[0])).toContain(`reads versions up to ${MESSAGE_VERSION}: upgrade this role`);
  expect((await readSetAside(elasticsearch, world.state)).total).toBe(0);
  // It looks at the message before once more.
  const after = (await committedOffsets(admin, world.name, world.name)).get(0)?.offset ?? 0;
  expect(after).toBeLessThanOrEqual(before.get(0)?.offset ?? 0);
  expect((await world.doc(0))?.next_offset).toBe(before.get(0)?.offset);
});

test('a clock that was ahead holds nothing up, and a publisher that was thought dead moves nothing back', async () => {
  const world = await new World('clock').prepare();
  const pace = { hasTime: () => true, spent: () => {} };
  const deps = {
    event: 'click' as const,
    elasticsearch,
    stateIndex: world.state,
    searchDays: 100,
    log,
    metrics: new Registry(),
    pace,
    nowMs: Date.now,
  };
  const indexer = createIndexer(deps);
  const closed = (minute: number, more: object = {}): AdMinutesMessage => ({
    kind: 'closed-to',
    boundaryMs: world.minuteMs(0, minute),
    watermarkMs: world.minuteMs(0, minute),
    ...more,
  });
  const minute = async () => ((await world.doc(0))?.boundary_ms ?? 0) - world.startMs;
  // As a release before left it, with the watermark as the version, a day ahead.
  const aheadMs = Date.now() + DAY_MS;
  await putVersioned(elasticsearch, world.state, boundaryId(0), aheadMs, {
    boundary_ms: aheadMs,
    watermark_ms: aheadMs,
  });
  await indexer.apply(0, [closed(1)]);
  expect(await minute()).toBe(aheadMs - world.startMs);
  await indexer.apply(0, [closed(1, { v: 2, version: 2 ** 32 + 1 })]);
  expect(await minute()).toBe(MINUTE_MS);
  await indexer.apply(0, [closed(9, { watermarkMs: aheadMs, v: 2, version: 2 ** 32 + 2 })]);
  await indexer.apply(0, [closed(10, { v: 2, version: 2 ** 32 + 3 })]);
  expect(await minute()).toBe(10 * MINUTE_MS);
  await indexer.apply(0, [closed(11, { v: 2, version: 2 * 2 ** 32 + 1 })]);
  await indexer.apply(0, [closed(3, { watermarkMs: aheadMs, v: 2, version: 2 ** 32 + 4 }), closed(2)]);
  expect(await minute()).toBe(11 * MINUTE_MS);
});

test('a top list is not answered after messages that were never seen', async () => {
  const name = `${id}-tops`;
  const queue = { kafka, topic: name, group: name };
  await ensureTopics(admin, [{ topic: name, partitions: 1, config: {} }]);
  await prepareState(elasticsearch, { event: 'click', stateIndex: name }, queue);
  const register = fileRegister(join(folder, 'tops'));
  const run = async () => {
    const failures: unknown[] = [];
    const consumer = await consume(queue, 1, await openTopsIndexer(elasticsearch, name), decodeTops, {
      setAside: createSetAside({ elasticsearch, stateIndex: name, log, metrics: new Registry() }),
      onUnseen: createUnseenReport({ register, log, metrics: new Registry() }).ofTops,
      onFailure: (error) => void failures.push(error),
    });
    await eventually('all is applied', async () => {
      return (await committedOffsets(admin, name, name)).get(0)?.offset === (await endOffsets(admin, name)).get(0);
    });
    await consumer.stop();
    expect(failures).toEqual([]);
  };
  const send = (...messages: TopsMessage[]) =>
    producer.send({ topic: name, messages: messages.map((message) => ({ value: encodeTops(message) })) });
  const lists = async (): Promise<number> => {
    await elasticsearch.indices.refresh({ index: topsIndex(name) });
    return (await elasticsearch.count({ index: topsIndex(name) })).count;
  };
  await send(
    { kind: 'top', endMs: 60_000, window: 1, version: 1, ads: [['ad', 1]] },
    { kind: 'tops-to', boundaryMs: 60_000, watermarkMs: 60_000 },
  );
  await run();
  expect(await lists()).toBe(1);
  await send({ kind: 'changed', endsMs: [60_000], version: 2 });
  const partitions = [{ partition: 0, offset: String((await endOffsets(admin, name)).get(0)) }];
  await admin.deleteTopicRecords({ topic: name, partitions });
  await send({ kind: 'tops-to', boundaryMs: 120_000, watermarkMs: 120_000 });
  await run();
  expect(await lists()).toBe(0);
  expect(await openFindings(register)).toEqual([]);
  await elasticsearch.indices.delete({ index: [name, topsIndex(name)] });
});
