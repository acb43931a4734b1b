import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { dropOldIndexes } from '../batch/nightly/drop_indexes.ts';
import { type AdMinutesMessage, decodeMessage, encodeMessage } from '../domain/ad_minutes.ts';
import { DAYS_ID, hoursIndex, minutesIndex, minutesName, NO_DATABASE, runSource } from '../domain/names.ts';
import { DAY_MS, dayOf, iso } from '../domain/time.ts';
import { createClickHouse } from '../infra/clients/clickhouse.ts';
import { createElasticsearch } from '../infra/clients/elasticsearch.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { connectProducer, createKafka, ensureTopics, type Producer } from '../infra/clients/kafka.ts';
import { readConfig } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';
import { migrateClickHouse } from '../infra/migrate.ts';
import { daysDoc } from '../serving/documents/days.ts';
import { readStateDoc } from '../serving/documents/state.ts';
import { consume, prepareState } from '../serving/indexer/consume.ts';
import { createIndexer } from '../serving/indexer/indexer.ts';
import { createSetAside } from '../serving/indexer/set_aside.ts';
import { testDays } from './support/days.ts';
import { memoryRegister } from './support/memory_register.ts';
import { eventually } from './support/wait.ts';

/** An indexer with a queue and a state of its own, and a ledger of its own. */
const urls = engineUrls(readConfig(inject('env')));
const log = createLog('realtime-indexes-test');
log.level = 'silent';
const name = `clickledger-realtime-indexes-${randomUUID().slice(0, 8)}`;
const database = name.replaceAll('-', '_');
const firstMs = testDays(4);
const [rolledBack, old, recent, open] = [0, 1, 2, 3].map((n) => dayOf(firstMs + n * DAY_MS)) as [
  string,
  string,
  string,
  string,
];
const days = [rolledBack, old, recent, open];
const nowMs = firstMs + 20 * DAY_MS;
const [withoutDatabase, clickhouse] = [NO_DATABASE, database].map((of) =>
  createClickHouse(urls.clickhouse, { database: of }),
) as [ReturnType<typeof createClickHouse>, ReturnType<typeof createClickHouse>];
const elasticsearch = createElasticsearch(urls.elasticsearch);
const kafka = createKafka(urls.kafka, name, log);
const admin = kafka.admin();
const archiveDir = mkdtempSync(join(tmpdir(), `${name}-`));
let producer: Producer;
let indexer: Awaited<ReturnType<typeof consume>>;

beforeAll(async () => {
  await Promise.all([admin.connect(), migrateClickHouse({ clickhouse: withoutDatabase, database }, () => {})]);
  producer = await connectProducer(kafka);
  await ensureTopics(admin, [{ topic: name, partitions: 2, config: {} }]);
  const queue = { kafka, topic: name, group: name };
  await prepareState(elasticsearch, { event: 'click', stateIndex: name }, queue);
  const copy = createIndexer({
    event: 'click',
    elasticsearch,
    stateIndex: name,
    searchDays: 100,
    log,
    metrics: new Registry(),
    pace: { hasTime: () => true, spent: () => {} },
    nowMs: Date.now,
    partitions: 2,
  });
  const unexpected = async (...what: unknown[]) => {
    throw new Error(`unexpected: ${JSON.stringify(what)}`);
  };
  indexer = await consume(queue, 2, copy, decodeMessage, {
    setAside: createSetAside({ elasticsearch, stateIndex: name, log, metrics: new Registry() }),
    onUnseen: unexpected,
    onFailure: (error: unknown) => void unexpected(error),
  });
});
afterAll(async () => {
  await indexer.stop();
  await producer.disconnect();
  for (const day of days) {
    for (const source of ['rt', 'r1', 'r2'] as const) {
      for (const index of [minutesIndex('click', day, source), hoursIndex('click', day, source)]) {
        await elasticsearch.indices.delete({ index }, { ignore: [404] });
      }
    }
  }
  await elasticsearch.indices.delete({ index: name });
  rmSync(archiveDir, { recursive: true });
  await withoutDatabase.command({ query: `DROP DATABASE ${database}` });
  await Promise.all([admin.disconnect(), elasticsearch.close(), clickhouse.close(), withoutDatabase.close()]);
});

const held = async (): Promise<string[]> => {
  const state = await readStateDoc(elasticsearch, daysDoc, name, DAYS_ID);
  return (state?.held ?? []).filter(({ realtime }) => realtime === 'made').map(({ day }) => day);
};
async function publish(day: string, run: number, seq: number, daysAgo: number): Promise<void> {
  const time = iso(nowMs - daysAgo * DAY_MS);
  const facts = { reason: 'test', requested_by: 'test', inputs: '{}', clicks: 1, cut: {} };
  const values = [{ date: day, seq, run, state: 'published', recorded_at: time, started_at: time, ...facts }];
  await clickhouse.insert({ table: 'ledger', values, format: 'JSONEachRow' });
}

const engines = () => ({
  ...({ clickhouse, elasticsearch, event: 'click', admin, producer, log, archiveDir } as const),
  register: memoryRegister(),
  signal: AbortSignal.timeout(300_000),
  topics: { clicks: [], adMinutes: name },
});
const night = () => dropOldIndexes(engines(), 7, nowMs, name);

/** A run of a day, with one click, as the batch path sends it; then it is current. */
function sent(day: string, run: number, seq: number): AdMinutesMessage[] {
  const totals = { documents: 1, clicks: run };
  const rows: [number, string, string, number][] = [[Date.parse(day), 'ad', 'USA', run]];
  return [
    { kind: 'minutes', day, source: runSource(run), rows },
    { kind: 'hours', day, run, rows },
    { kind: 'run-complete', day, run, ...totals, hours: totals },
    { kind: 'run-current', day, run, seq },
  ];
}
const send = (partition: number, messages: AdMinutesMessage[]) =>
  producer.send({ topic: name, messages: messages.map((one) => ({ partition, value: encodeMessage(one) })) });
const runsOf = async (day: string): Promise<number[]> => {
  const state = await readStateDoc(elasticsearch, daysDoc, name, DAYS_ID);
  const entry = state?.held.find((one) => one.day === day);
  return (entry?.runs ?? []).filter(({ complete }) => complete).map(({ run }) => run);
};

test('the real-time index of a day goes when its run was published long ago, and of no other day', async () => {
  const rows = days.map((day): AdMinutesMessage => {
    return { kind: 'minutes', day, source: 'rt', rows: [[Date.parse(day), 'ad', 'USA', 1]] };
  });
  await send(0, rows);
  await eventually('all days are held', async () => (await held()).length === days.length);

  await night();
  await publish(rolledBack, 1, 1, 12);
  await publish(rolledBack, 0, 2, 10);
  await publish(old, 1, 3, 8);
  await publish(recent, 1, 4, 6);
  await night();
  await eventually('the old one is given up', async () => !(await held()).includes(old));
  expect(await held()).toEqual([rolledBack, recent, open]);
  const exists = (day: string) => elasticsearch.indices.exists({ index: minutesIndex('click', day, 'rt') });
  await eventually('its index is deleted', async () => !(await exists(old)));
  expect(await Promise.all(days.map(exists))).toEqual([true, false, true, true]);
});

test('former runs of a day go when its run was published long ago, and one comes back when it is sent again', async () => {
  const day = old;
  const shown = async () => {
    const indexes = await elasticsearch.indices.getAlias({
      index: `${minutesName('click')}-${day.replaceAll('-', '.')}-*`,
    });
    return Object.keys(indexes).filter((index) => minutesName('click') in (indexes[index]?.aliases ?? {}));
  };
  for (const each of [old, recent]) await send(1, [...sent(each, 1, 3), ...sent(each, 2, 5)]);
  await eventually('run 2 is shown', async () => (await shown()).join() === minutesIndex('click', day, 'r2'));
  expect(await runsOf(day)).toEqual([1, 2]);
  await publish(day, 2, 5, 8);
  await publish(recent, 2, 6, 6);
  await night();
  expect([await runsOf(day), await runsOf(recent)]).toEqual([[2], [1, 2]]);
  const exists = (source: 'r1' | 'r2') =>
    Promise.all(
      [minutesIndex('click', day, source), hoursIndex('click', day, source)].map((index) =>
        elasticsearch.indices.exists({ index }),
      ),
    );
  await eventually('its indexes are deleted', async () => !(await exists('r1')).includes(true));
  expect([await exists('r2'), await shown()]).toEqual([[true, true], [minutesIndex('click', day, 'r2')]]);

  // Gone back to. The one that was announced last is shown until then, and a night meanwhile takes neither.
  const [again, announced] = [sent(day, 1, 7).slice(0, 3), sent(day, 1, 7).slice(3)];
  await send(1, again);
  await eventually('run 1 is complete', async () => (await runsOf(day)).includes(1));
  await night();
  expect([await runsOf(day), await shown()]).toEqual([[2, 1], [minutesIndex('click', day, 'r2')]]);
  await send(1, announced);
  await eventually('run 1 is shown', async () => (await shown()).join() === minutesIndex('click', day, 'r1'));
});
