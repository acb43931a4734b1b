import { afterAll, beforeAll, expect, test } from 'vitest';
import { RESTORE_FAILPOINTS } from '../prove/failpoints/failpoints.ts';
import { ADS, CLICKHOUSE, ELASTICSEARCH, KAFKA, LOST_LIMIT_MS, LostSite, METASTORE } from './support/lost_site.ts';
import { eventually } from './support/wait.ts';

/** Kafka is lost together with another engine: what neither has, the logs still have. */
/** With a run, and without one. */
const [PAST, OPEN] = [Date.UTC(2024, 7, 10), Date.UTC(2024, 7, 11)];
const site = new LostSite([PAST, OPEN]);
const NEW_KAFKA = ['--new-kafka'];

beforeAll(() => site.beginCounted(PAST, OPEN), LOST_LIMIT_MS);
afterAll(() => site.end(), LOST_LIMIT_MS);

/** It counts on, and nobody has to be told of anything. */
async function expectWhole(name: string): Promise<void> {
  await site.allCounted();
  await site.expectExact();
  site.write(OPEN, 10, `after ${name}`);
  await site.allCounted();
  await site.expectExact();
  expect(await site.findings()).toEqual([]);
}

test('Kafka and ClickHouse: until all is back, answers are 503 with what is known', {
  timeout: LOST_LIMIT_MS,
}, async () => {
  site.write(OPEN, 20, 'not-archived');
  await site.allCounted();
  await site.writeToKafkaOnly(OPEN, 30, 'only-in-kafka');
  await site.stopAndRemove(KAFKA, CLICKHOUSE);
  expect(await site.restore(null)).toMatch(/^1\n[\s\S]*the data of Kafka are gone from .*restore --new-kafka/);
  expect(await site.restoreAndStart(RESTORE_FAILPOINTS['before the sink may count'], NEW_KAFKA)).toMatch(/^SIGKILL/);
  expect(await site.answerOf(PAST, 'shoes')).toEqual({ status: 503, known: site.truth(PAST, 'shoes') });
  expect((await site.answerOf(OPEN, 'shoes')).status).toBe(503);
  expect(await site.restore('before produce clicks')).toMatch(/^SIGKILL/);
  expect((await site.answerOf(OPEN, 'shoes')).status).toBe(503);
  expect(await site.restore(null)).toMatch(/^0\n/);
  // From its end on, no answer is smaller than what had been counted.
  for (const ad of ADS) expect(await site.answerOf(OPEN, ad)).toMatchObject({ status: 200 });
  await expectWhole('ClickHouse');
});

test('Kafka while ClickHouse comes back: what was counted since is archived from there', {
  timeout: LOST_LIMIT_MS,
}, async () => {
  await site.stopAndRemove(CLICKHOUSE);
  expect(await site.restoreAndStart(RESTORE_FAILPOINTS['after the sink may count'])).toMatch(/^SIGKILL/);
  site.write(OPEN, 20, 'counted since');
  await site.dayCounted(OPEN);
  await site.stopAndRemove(KAFKA);
  expect(await site.restoreAndStart(null, NEW_KAFKA)).toMatch(/^0\n[\s\S]*"gap":\{/);
  await expectWhole('Kafka');
});

test('Kafka and Elasticsearch', { timeout: LOST_LIMIT_MS }, async () => {
  site.write(OPEN, 20, 'before Elasticsearch');
  await site.allCounted();
  await site.stopAndRemove(KAFKA, ELASTICSEARCH);
  expect(await site.restoreAndStart(null, NEW_KAFKA)).toMatch(/^0\n/);
  await expectWhole('Elasticsearch');
});

test('Kafka and the metastore', { timeout: LOST_LIMIT_MS }, async () => {
  await site.writeToKafkaOnly(OPEN, 20, 'before the metastore');
  await site.stopAndRemove(KAFKA, METASTORE);
  expect(await site.restoreAndStart(null, NEW_KAFKA)).toMatch(/^0\n/);
  await expectWhole('the metastore');
  await site.isBalanced();
  // The archive has everything too: the night's count is the same.
  await eventually('a run that Hive counts', async () => (await site.rebuild(OPEN)) !== null, 60_000, 2_000);
  await site.expectExact();
});
