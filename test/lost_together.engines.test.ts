import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DAY_MS, dayOf } from '../domain/time.ts';
import { clickledger, count, hiveRows } from './support/client.ts';
import { CLICKHOUSE, ELASTICSEARCH, LOST_LIMIT_MS, LostSite, METASTORE } from './support/lost_site.ts';

/** Two engines beside Kafka are lost together, and a machine of which archive and register were kept. */
/** With a run, and without one. */
const [PAST, OPEN] = [Date.UTC(2024, 8, 10), Date.UTC(2024, 8, 11)];
const site = new LostSite([PAST, OPEN]);

beforeAll(() => site.beginCounted(PAST, OPEN), LOST_LIMIT_MS);
afterAll(() => site.end(), LOST_LIMIT_MS);

test.each<[string, string[]]>([
  ['ClickHouse and Elasticsearch', [CLICKHOUSE, ELASTICSEARCH]],
  ['ClickHouse and the metastore', [CLICKHOUSE, METASTORE]],
  ['Elasticsearch and the metastore', [ELASTICSEARCH, METASTORE]],
])('%s', { timeout: LOST_LIMIT_MS }, async (name, lost) => {
  site.write(OPEN, 20, `before ${name}`);
  await site.allCounted();
  await site.stopAndRemove(...lost);
  expect(await site.restoreAndStart(null)).toMatch(/^0\n/);
  await site.expectExact();
  site.write(OPEN, 20, `after ${name}`);
  await site.allCounted();
  await site.expectExact();
  expect(await site.findings()).toEqual([]);
  if (!lost.includes(METASTORE)) return;
  const [hive] = await hiveRows(
    site.env,
    `SELECT CAST(SUM(clicks) AS STRING) AS clicks FROM ads.clicks_per_minute WHERE dt = '${dayOf(PAST)}'`,
  );
  expect(hive).toEqual({ clicks: '120' });
});

test('a machine of which archive and register were kept', { timeout: LOST_LIMIT_MS }, async () => {
  // A run needs everything in the archive.
  await site.rebuild(PAST);
  site.write(OPEN, 15, 'lost for good');
  await site.allCounted();
  const kept = ['archive', 'register', 'kill-orders'];
  await site.stopAndRemove(...readdirSync(site.folder).filter((name) => !kept.includes(name)));
  site.forget('lost for good');
  const survey = await clickledger(site.env, 'restore', '--dry-run');
  expect([survey.code, survey.stdout]).toEqual([0, expect.stringMatching(/^Kafka is lost[\s\S]*archived/)]);
  expect(await site.restoreAndStart(null, ['--new-kafka'])).toMatch(/^0\n/);
  await site.expectExact();
  // Nobody knows what else Kafka had: it is on record, and the receipts of days without a run say so.
  const said = /Kafka was lost, and with it what it had not passed on: clicks-0 from message \d+ on, clicks-1 from/;
  expect(await site.findings()).toEqual([
    expect.objectContaining({ code: 'kafka_lost', what: expect.stringMatching(said) }),
  ]);
  const warningsOf = async (dayMs: number) =>
    (await count(site.env, 'shoes', dayMs, dayMs + DAY_MS)).receipt.warnings ?? [];
  expect(await warningsOf(OPEN)).toEqual([
    expect.objectContaining({ warning: 'kafka_lost', means: expect.stringMatching(said) }),
  ]);
  expect(await warningsOf(PAST)).toEqual([]);
  site.write(OPEN, 20, 'new machine');
  await site.allCounted();
  await site.expectExact();
});
