import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type AdMinute, type AdMinutesMessage, decodeMessage, encodeMessage } from '../../domain/ad_minutes.ts';
import { DAYS_ID, hoursIndex, minutesIndex, minutesName, type Source } from '../../domain/names.ts';
import { createElasticsearch } from '../../infra/clients/elasticsearch.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { committedOffsets, connectProducer, createKafka, ensureTopics, MEMBERSHIP } from '../../infra/clients/kafka.ts';
import { readConfig } from '../../infra/config.ts';
import { createLog } from '../../infra/log.ts';
import { eventually } from '../../test/support/wait.ts';
import { type DaysDoc, daysDoc, usableIndexes } from '../documents/days.ts';
import { boundaryId, partitionDoc, readStateDoc } from '../documents/state.ts';
import { consume, prepareState } from './consume.ts';
import { createIndexer } from './indexer.ts';
import { createSetAside } from './set_aside.ts';

const urls = engineUrls(readConfig(inject('env')));
const log = createLog('indexer-test');
log.level = 'silent';
const elasticsearch = createElasticsearch(urls.elasticsearch);
const kafka = createKafka(urls.kafka, 'indexer-test', log);
const admin = kafka.admin();
const id = `clickledger-indexer-test-${randomUUID().slice(0, 8)}`;
const PARTITIONS = 4;
const DAY = (n: number) => `2004-0${1 + Math.floor(n / 28)}-${String(1 + (n % 28)).padStart(2, '0')}`;
const at = (day: string, minute: number) => Date.parse(`${day}T00:00:00Z`) + minute * 60_000;

const states: string[] = [];
const indexesOf2004 = async () =>
  Object.keys(await elasticsearch.indices.getAlias({ index: [`${minutesName('click')}-2004.*`, 'ad-hours-2004.*'] }));

beforeAll(async () => {
  await admin.connect();
  for (const index of await indexesOf2004()) await elasticsearch.indices.delete({ index });
});
afterAll(async () => {
  for (const index of [...states, ...(await indexesOf2004())]) await elasticsearch.indices.delete({ index });
  await Promise.all([admin.disconnect(), elasticsearch.close()]);
});

const queue = (name: string) => ({ kafka, topic: `${id}-${name}`, group: `${id}-${name}` });
async function newState(name: string): Promise<string> {
  const stateIndex = `${id}-${name}`;
  states.push(stateIndex);
  await ensureTopics(admin, [{ topic: queue(name).topic, partitions: PARTITIONS, config: {} }]);
  await prepareState(elasticsearch, { event: 'click', stateIndex: stateIndex }, queue(name));
  return stateIndex;
}
/** However slow the machine is, every day is admitted. */
const NO_HURRY = { hasTime: () => true, spent: () => {} };

/** One copy of the indexer. */
const copyOf = (stateIndex: string, searchDays = 100, changed: Partial<Parameters<typeof createIndexer>[0]> = {}) =>
  createIndexer({
    event: 'click',
    elasticsearch,
    stateIndex,
    searchDays,
    log,
    metrics: new Registry(),
    pace: NO_HURRY,
    nowMs: Date.now,
    ...changed,
  });

/** Nothing is expected to be set aside or unseen; failures are kept. */
const endsOf = (stateIndex: string, failures: unknown[]) => ({
  setAside: createSetAside({ elasticsearch, stateIndex, log, metrics: new Registry() }),
  onUnseen: async (...unseen: unknown[]) => void failures.push(unseen),
  onFailure: (error: unknown) => void failures.push(error),
});

const minutes = (day: string, rows: AdMinute[], source: Source = 'rt'): AdMinutesMessage => ({
  kind: 'minutes',
  day,
  source,
  rows,
});
const oneRow = (day: string, clicks: number, source: Source = 'rt') =>
  minutes(day, [[at(day, 1), 'ad', 'USA', clicks]], source);
const complete = (day: string, run: number, documents: number, clicks: number): AdMinutesMessage => ({
  kind: 'run-complete',
  day,
  run,
  documents,
  clicks,
});
const current = (day: string, run: number, seq: number): AdMinutesMessage => ({ kind: 'run-current', day, run, seq });

/** `minute ad country` → clicks, as a search returns them. */
async function found(day: string, source: Source = 'rt'): Promise<Record<string, number>> {
  const index = minutesIndex('click', day, source);
  const { hits } = await elasticsearch.search<Record<string, number>>({ index, size: 1_000 });
  return Object.fromEntries(
    hits.hits.map(({ _source: row }) => [`${row?.minute} ${row?.ad_id} ${row?.country}`, row?.clicks ?? 0]),
  );
}
async function aliased(day: string): Promise<string[]> {
  const indexes = await elasticsearch.indices.getAlias({
    index: `${minutesName('click')}-${day.replaceAll('-', '.')}-*`,
  });
  return Object.keys(indexes).filter((index) => minutesName('click') in (indexes[index]?.aliases ?? {}));
}
async function daysOf(stateIndex: string): Promise<DaysDoc> {
  const days = await readStateDoc(elasticsearch, daysDoc, stateIndex, DAYS_ID);
  if (days === null) throw new Error('no days');
  return days;
}

test('rows may come in any order, repeatedly, through any copy: the highest count of each wins', async () => {
  const stateIndex = await newState('order');
  const day = DAY(0);
  const rows = (clicks: number): AdMinute[] => [
    [at(day, 1), 'ad/ü 1', 'USA', clicks],
    [at(day, 1), 'ad/ü 1', 'DEU', clicks + 1],
    [at(day, 2), 'ad/ü 1', 'USA', clicks + 2],
  ];
  const [one, two] = [copyOf(stateIndex), copyOf(stateIndex)];
  await Promise.all([
    one.apply(0, [minutes(day, rows(5)), minutes(day, rows(7)), minutes(day, rows(6))]),
    two.apply(1, [minutes(day, rows(9)), minutes(day, rows(2))]),
  ]);
  await one.apply(0, [minutes(day, rows(5))]);
  expect(await found(day)).toEqual({
    [`${at(day, 1)} ad/ü 1 USA`]: 9,
    [`${at(day, 1)} ad/ü 1 DEU`]: 10,
    [`${at(day, 2)} ad/ü 1 USA`]: 11,
  });
  expect(await aliased(day)).toEqual([minutesIndex('click', day, 'rt')]);
});

test('many rows are all found, and a refused one fails them, whatever else is in flight', async () => {
  const indexer = copyOf(await newState('many'));
  const day = DAY(40);
  const many = Array.from({ length: 25_000 }, (_, n): AdMinute => [at(day, n % 1_440), `ad${n}`, 'USA', 1]);
  await indexer.apply(0, [minutes(day, many)]);
  const { count } = await elasticsearch.count({ index: minutesIndex('click', day, 'rt') });
  expect(count).toBe(many.length);
  const refused: AdMinute = [at(day, 0), 'of more clicks than a long holds', 'USA', 1e30];
  for (const rows of [
    [refused, ...many],
    [...many, refused],
  ]) {
    await expect(indexer.apply(0, [minutes(day, rows, 'r1')])).rejects.toThrow('did not take a document');
  }
});

test('the boundary of a partition is the last announced one, and an older one does not replace it', async () => {
  const stateIndex = await newState('boundary');
  const indexer = copyOf(stateIndex);
  const closed = (minute: number): AdMinutesMessage => ({
    kind: 'closed-to',
    boundaryMs: at(DAY(0), minute),
    watermarkMs: at(DAY(0), minute) + 1_000,
  });
  await indexer.apply(1, [closed(3), closed(4)]);
  await indexer.apply(1, [closed(3)]);
  const read = (partition: number) => readStateDoc(elasticsearch, partitionDoc, stateIndex, boundaryId(partition));
  expect(await read(1)).toEqual({ boundary_ms: at(DAY(0), 4), watermark_ms: at(DAY(0), 4) + 1_000, filters: {} });
  expect(await read(0)).toBeNull();
});

test('messages are committed once they can be found, and not at all if they cannot be written', async () => {
  const source = queue('kafka');
  const stateIndex = await newState('kafka');
  const producer = await connectProducer(kafka);
  const send = (partition: number, ...messages: AdMinutesMessage[]) =>
    producer.send({
      topic: source.topic,
      messages: messages.map((value) => ({ partition, value: encodeMessage(value) })),
    });
  const committed = async () => (await committedOffsets(admin, source.group, source.topic)).get(0)?.offset ?? 0;
  const day = DAY(1);

  const failures: unknown[] = [];
  const first = await consume(source, PARTITIONS, copyOf(stateIndex), decodeMessage, endsOf(stateIndex, failures));
  await send(0, oneRow(day, 1), { kind: 'closed-to', boundaryMs: at(day, 2), watermarkMs: at(day, 2) });
  await eventually('the offset is committed', async () => (await committed()) === 2);
  expect(await found(day)).toEqual({ [`${at(day, 1)} ad USA`]: 1 });

  const unfit: AdMinute = [at(day, 1), 'too long '.repeat(10_000), 'USA', 1];
  await send(0, oneRow(day, 2), minutes(day, [unfit]));
  await eventually('the failure is reported', async () => failures.length > 0);
  await first.stop();
  expect(await committed()).toBe(2);

  // The next process gets them again, but skips the invalid row, as if it had been repaired.
  const repeated: AdMinutesMessage[] = [];
  const inner = copyOf(stateIndex);
  const skipping: typeof inner = {
    ...inner,
    apply: async (partition, messages, position) => {
      repeated.push(...messages);
      await inner.apply(
        partition,
        messages.filter((message) => !JSON.stringify(message).includes('too long')),
        position,
      );
    },
  };
  const second = await consume(source, PARTITIONS, skipping, decodeMessage, endsOf(stateIndex, failures));
  await eventually('all is committed', async () => (await committed()) === 4);
  await second.stop();
  await producer.disconnect();
  expect(repeated).toHaveLength(2);
  expect(await found(day)).toEqual({ [`${at(day, 1)} ad USA`]: 2 });
});

test('an Elasticsearch that takes longer than a session of the group gets the rows once', {
  timeout: 240_000,
}, async () => {
  const source = queue('slow');
  const stateIndex = await newState('slow');
  const producer = await connectProducer(kafka);
  const day = DAY(50);
  const inner = copyOf(stateIndex);
  let times = 0;
  const slow: typeof inner = {
    ...inner,
    apply: async (partition, messages, position) => {
      times += 1;
      await delay(1.5 * MEMBERSHIP.sessionTimeout);
      await inner.apply(partition, messages, position);
    },
  };
  const failures: unknown[] = [];
  await producer.send({ topic: source.topic, messages: [{ partition: 0, value: encodeMessage(oneRow(day, 1)) }] });
  const consumer = await consume(source, PARTITIONS, slow, decodeMessage, endsOf(stateIndex, failures));
  const committed = async () => (await committedOffsets(admin, source.group, source.topic)).get(0)?.offset;
  await eventually('the offset is committed', async () => (await committed()) === 1, 120_000);
  await consumer.stop();
  await producer.disconnect();
  expect([times, failures]).toEqual([1, []]);
  expect(await found(day)).toEqual({ [`${at(day, 1)} ad USA`]: 1 });
});

test('Elasticsearch without the state of a group that has read on is not filled from the middle', async () => {
  const stateIndex = `${id}-kafka`;
  await elasticsearch.delete({ index: stateIndex, id: DAYS_ID });
  await expect(prepareState(elasticsearch, { event: 'click', stateIndex: stateIndex }, queue('kafka'))).rejects.toThrow(
    /has lost .*: ".\/clickledger restore" goes on with it/,
  );
});

test('the alias moves from real time to a run, to the next, and back', async () => {
  const stateIndex = await newState('alias');
  const indexer = copyOf(stateIndex);
  const day = DAY(2);
  await indexer.apply(0, [oneRow(day, 3)]);
  expect(await aliased(day)).toEqual([minutesIndex('click', day, 'rt')]);

  await indexer.apply(3, [oneRow(day, 2, 'r1'), complete(day, 1, 1, 2)]);
  expect(await aliased(day)).toEqual([minutesIndex('click', day, 'rt')]);
  expect(usableIndexes('click', await daysOf(stateIndex))).toContain(minutesIndex('click', day, 'r1'));
  await indexer.apply(3, [current(day, 1, 10)]);
  expect(await aliased(day)).toEqual([minutesIndex('click', day, 'r1')]);

  await copyOf(stateIndex).apply(0, [oneRow(day, 4)]);
  expect(await aliased(day)).toEqual([minutesIndex('click', day, 'r1')]);

  await indexer.apply(3, [oneRow(day, 4, 'r2'), complete(day, 2, 1, 4), current(day, 2, 20)]);
  await indexer.apply(3, [current(day, 1, 10)]);
  expect(await aliased(day)).toEqual([minutesIndex('click', day, 'r2')]);
  await indexer.apply(3, [current(day, 0, 30)]);
  expect(await aliased(day)).toEqual([minutesIndex('click', day, 'rt')]);
  expect(await found(day)).toEqual({ [`${at(day, 1)} ad USA`]: 4 });
});

test('a real-time index created while a run is published does not stay in the alias', async () => {
  const stateIndex = await newState('race');
  const days = Array.from({ length: 6 }, (_, i) => DAY(20 + i));
  const [one, two] = [copyOf(stateIndex), copyOf(stateIndex)];
  await one.apply(
    3,
    days.flatMap((day) => [oneRow(day, 1, 'r1'), complete(day, 1, 1, 1)]),
  );
  await Promise.all([
    ...days.map((day) => one.apply(3, [current(day, 1, 1)])),
    ...days.map((day) => two.apply(0, [oneRow(day, 1)])),
  ]);
  for (const day of days) expect(await aliased(day)).toEqual([minutesIndex('click', day, 'r1')]);
});

test('a run without a document has an index, and one with fewer rows than announced is not used', async () => {
  const stateIndex = await newState('complete');
  const indexer = copyOf(stateIndex);
  const [empty, short] = [DAY(3), DAY(4)];
  await indexer.apply(3, [complete(empty, 1, 0, 0), current(empty, 1, 1)]);
  expect(await found(empty, 'r1')).toEqual({});
  expect(await aliased(empty)).toEqual([minutesIndex('click', empty, 'r1')]);
  await indexer.apply(3, [oneRow(short, 2, 'r1'), complete(short, 1, 2, 4), current(short, 1, 1)]);
  expect(usableIndexes('click', await daysOf(stateIndex))).toEqual([minutesIndex('click', empty, 'r1')]);
  expect(await aliased(short)).toEqual([]);
  // All its rows are sent again.
  const second = minutes(short, [[at(short, 2), 'ad', 'USA', 2]], 'r1');
  await indexer.apply(3, [oneRow(short, 2, 'r1'), second, complete(short, 1, 2, 4)]);
  expect(await aliased(short)).toEqual([minutesIndex('click', short, 'r1')]);
});

test('the hours of a run have an index beside its minutes, outside the alias, used once it is complete', async () => {
  const stateIndex = await newState('hours');
  const indexer = copyOf(stateIndex, 1);
  const day = DAY(12);
  const [minute, hour] = [minutesIndex('click', day, 'r1'), hoursIndex('click', day, 'r1')];
  const rows = minutes(
    day,
    [3, 59, 60].map((n): AdMinute => [at(day, n), 'ad', 'USA', n]),
    'r1',
  );
  const hours = (...of: AdMinute[]): AdMinutesMessage => ({ kind: 'hours', day, run: 1, rows: of });
  const [first, second]: AdMinute[] = [
    [at(day, 0), 'ad', 'USA', 62],
    [at(day, 60), 'ad', 'USA', 60],
  ];
  const end: AdMinutesMessage = {
    kind: 'run-complete',
    day,
    run: 1,
    documents: 3,
    clicks: 122,
    hours: { documents: 2, clicks: 122 },
  };
  await indexer.apply(3, [rows, hours(first as AdMinute), end, current(day, 1, 1)]);
  expect(usableIndexes('click', await daysOf(stateIndex))).toEqual([minute]);
  await indexer.apply(3, [rows, hours(first as AdMinute), hours(second as AdMinute), end]);
  expect(usableIndexes('click', await daysOf(stateIndex))).toEqual([minute, hour]);
  expect(await aliased(day)).toEqual([minute]);
  const { hits } = await elasticsearch.search<{ hour: string; clicks: number }>({ index: hour, sort: 'hour' });
  expect(hits.hits.map(({ _source: row }) => [Number(row?.hour), row?.clicks])).toEqual([
    [at(day, 0), 62],
    [at(day, 60), 60],
  ]);

  await elasticsearch.indices.delete({ index: hour });
  await copyOf(stateIndex, 1).apply(3, [rows, hours(first as AdMinute)]);
  expect(usableIndexes('click', await daysOf(stateIndex))).toEqual([minute]);
  // Its day is given up for the new one.
  await indexer.apply(0, [oneRow(DAY(13), 1)]);
  const left = await indexesOf2004();
  expect([left.includes(minute), left.includes(hour)]).toEqual([false, false]);
});

test('beyond SEARCH_DAYS the day written longest ago is given up, for all copies and for good', async () => {
  const stateIndex = await newState('days');
  const [one, two] = [copyOf(stateIndex, 2), copyOf(stateIndex, 2)];
  const [a, b, c] = [DAY(5), DAY(6), DAY(7)];
  await one.apply(0, [oneRow(a, 1)]);
  await two.apply(1, [oneRow(b, 1), oneRow(a, 1)]);
  await two.apply(1, [oneRow(c, 1)]);
  const days = await daysOf(stateIndex);
  expect([days.held.map(({ day }) => day), days.given_up]).toEqual([[a, c], [b]]);
  expect(await indexesOf2004()).not.toContain(minutesIndex('click', b, 'rt'));

  // The other copy wrote this day before and has not seen that it was given up.
  await two.apply(1, [oneRow(b, 2)]);
  await one.apply(0, [oneRow(b, 3), oneRow(a, 2)]);
  expect(await indexesOf2004()).not.toContain(minutesIndex('click', b, 'rt'));
  expect(await found(a)).toEqual({ [`${at(a, 1)} ad USA`]: 2 });

  await one.apply(3, [oneRow(b, 3, 'r1'), complete(b, 1, 1, 3)]);
  await two.apply(1, [oneRow(a, 3)]);
  await two.apply(1, [oneRow(DAY(8), 3)]);
  expect(usableIndexes('click', await daysOf(stateIndex))).toEqual([
    minutesIndex('click', b, 'r1'),
    minutesIndex('click', DAY(8), 'rt'),
  ]);
  await one.apply(3, [current(b, 1, 1)]);
  expect(await aliased(b)).toEqual([minutesIndex('click', b, 'r1')]);
  await two.apply(1, [oneRow(DAY(9), 3)]);
  expect(await indexesOf2004()).not.toContain(minutesIndex('click', b, 'r1'));
});

test('an odd day takes no index from a recent one, by the clock', async () => {
  const state = await newState('odd');
  const [first, second, odd] = [DAY(43), DAY(44), '2004-05-17'];
  const indexer = copyOf(state, 2, { nowMs: () => at(first, 0) });
  await indexer.apply(0, [oneRow(first, 1), oneRow(second, 1)]);
  await indexer.apply(0, [oneRow(odd, 1)]);
  expect(usableIndexes('click', await daysOf(state))).toEqual(
    [first, second].map((day) => minutesIndex('click', day, 'rt')),
  );
  expect((await daysOf(state)).given_up).toEqual([odd]);
  expect(await elasticsearch.indices.exists({ index: minutesIndex('click', odd, 'rt') })).toBe(false);

  // A month later the days are recent no more.
  const later = copyOf(state, 2, { nowMs: () => at(odd, 0) });
  await later.apply(0, [oneRow('2004-05-16', 1), oneRow('2004-05-18', 1)]);
  expect((await daysOf(state)).given_up).toEqual([first, second, odd].sort());
});

test('where a back-fill has used up the time for new days, today and yesterday are held, and older days given up', async () => {
  const stateIndex = await newState('today');
  const [older, yesterday, today] = [DAY(40), DAY(41), DAY(42)];
  const nowMs = () => at(today, 1);
  const copy = copyOf(stateIndex, 100, { pace: { hasTime: () => false, spent: () => {} }, nowMs });
  for (const day of [older, yesterday, today]) await copy.apply(0, [oneRow(day, 1)]);
  expect((await daysOf(stateIndex)).given_up).toEqual([older]);
  for (const day of [yesterday, today]) expect(Object.values(await found(day))).toEqual([1]);
});

test('a deleted index is not started again in mid-stream', async () => {
  const stateIndex = await newState('lost');
  const day = DAY(11);
  const indexer = copyOf(stateIndex);
  await indexer.apply(0, [oneRow(day, 1), oneRow(day, 1, 'r1'), complete(day, 1, 1, 1)]);
  for (const source of ['rt', 'r1'] as const)
    await elasticsearch.indices.delete({ index: minutesIndex('click', day, source) });
  await indexer.apply(0, [oneRow(day, 2)]);
  expect((await daysOf(stateIndex)).given_up).toEqual([day]);
  expect(await indexesOf2004()).not.toContain(minutesIndex('click', day, 'rt'));
  const other: AdMinutesMessage = minutes(day, [[at(day, 2), 'ad', 'USA', 1]], 'r1');
  await indexer.apply(3, [other]);
  expect(usableIndexes('click', await daysOf(stateIndex))).toEqual([]);
  await indexer.apply(3, [other, oneRow(day, 1, 'r1'), complete(day, 1, 2, 2)]);
  expect(usableIndexes('click', await daysOf(stateIndex))).toEqual([minutesIndex('click', day, 'r1')]);
});

test('what a killed process left of a given-up day is deleted at the next start', async () => {
  const stateIndex = await newState('sweep');
  const day = DAY(10);
  await copyOf(stateIndex).apply(0, [oneRow(day, 1)]);
  const document: DaysDoc = { held: [], given_up: [day] };
  await elasticsearch.index({ index: stateIndex, id: DAYS_ID, document });
  await prepareState(elasticsearch, { event: 'click', stateIndex: stateIndex }, queue('sweep'));
  expect(await indexesOf2004()).not.toContain(minutesIndex('click', day, 'rt'));
});
