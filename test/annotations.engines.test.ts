import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { EncodedRows, encodeClick, encodePlace, identityOf } from '../domain/click/wire.ts';
import { ofReplay, stagingOf } from '../domain/replay.ts';
import { DAY_MS, dayOf } from '../domain/time.ts';
import { type ClickHouseClient, createClickHouse, rows } from '../infra/clients/clickhouse.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { readConfig } from '../infra/config.ts';
import { migrateClickHouse, readMigrations } from '../infra/migrate.ts';
import { highestFormat } from '../infra/register/formats.ts';
import { openRegister } from '../infra/register/open.ts';
import { sql, statements } from '../infra/sql.ts';
import { exchange } from '../realtime/sink/exchange.ts';
import { analystSql, clickledgerJson, hiveRows } from './support/client.ts';
import { testAd, testDays } from './support/days.ts';
import { ReplaySite } from './support/replay.ts';
import { eventually } from './support/wait.ts';

/** Annotations of one ad the whole way, from lines to ClickHouse, archive, Hive, a run and a replay. */
const env = inject('env');
const config = readConfig(env);
const urls = engineUrls(config);
const site = new ReplaySite(env);
const LIMIT_MS = 300_000;
const START = testDays();
const [DAY, NEXT] = [dayOf(START), dayOf(START + DAY_MS)];
const AD = testAd('annotated');
const LOG = join(config.dataDir, 'logs', `${AD}.log`);

interface Event {
  id: string;
  annotations: Record<string, string>;
  isJson?: boolean;
}

const VALUES = [
  'Mozilla/5.0 (X11; "Linux") \\ KHTML, like Gecko',
  '広告 👩‍💻 naïve',
  '',
  "{'a'=b|c}",
  'x'.repeat(1_000),
];
const plain = (n: number): Event => ({ id: `${AD}-plain-${n}`, annotations: {} });
const annotated = (n: number): Event => ({
  id: `${AD}-${n}`,
  annotations: { ua: VALUES[n % VALUES.length] as string, value: String(n) },
});
const COUNT = 40;
const events: Event[] = Array.from({ length: COUNT }, (_, n) => (n % 2 === 0 ? plain(n) : annotated(n)));
const copies: Event[] = [
  // As they were, in the other form and order: no conflicts.
  ...[1, 3, 5].map((n) => ({ ...annotated(n), isJson: true, annotations: reversed(annotated(n).annotations) })),
  ...[0, 2].map(plain),
  // Two that differ, and one that came without.
  ...[7, 9].map((n) => ({ ...annotated(n), annotations: { verdict: 'valid' } })),
  { ...annotated(11), annotations: {} },
];

function reversed(annotations: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).reverse());
}

const quoted = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`;
function lineOf({ id, annotations, isJson }: Event, n: number): string {
  const time = START + n * 60_000;
  if (isJson) {
    return JSON.stringify({
      event: 'click',
      ad_id: AD,
      time,
      user_id: 'u',
      ip: '::1',
      country: 'US',
      id,
      ...annotations,
    });
  }
  const pairs = Object.entries(annotations).map(([name, value]) => `, ${name}=${quoted(value)}`);
  return `[AdClickEvent] ${AD}, ${new Date(time).toISOString()}, u, ::1, US, ${id}${pairs.join('')}`;
}
const nOf = ({ id }: Event): number => events.findIndex((event) => event.id === id);
const write = (some: Event[]): void =>
  appendFileSync(LOG, some.map((event) => `${lineOf(event, nOf(event))}\n`).join(''));

/** Sorted, since a copy may be stored in another table than its click. */
const asTexts = (some: { id: string; annotations: Record<string, string> }[]): string[] =>
  some.map(({ id, annotations }) => `${id} ${JSON.stringify(annotations)}`).sort();

interface Row {
  id: string;
  annotations: Record<string, string>;
}
const stored = (table: string): Promise<Row[]> =>
  rows<Row>(site.clickhouse, `SELECT event_id AS id, annotations FROM ads.${table} WHERE ad_id = '${AD}'`);
const storedAll = async (): Promise<Row[]> => [...(await stored('clicks')), ...(await stored('copies_dropped'))];

beforeAll(async () => {
  await site.open();
  // The monitor has seen that the sink and the archive read annotations.
  let canaries = 0;
  await eventually(
    'an annotated click',
    async () => {
      canaries += 1;
      const line = `[AdClickEvent] ${AD}-canary, ${new Date().toISOString()}, u, ::1, US, ${AD}-canary-${canaries}, ua="x"`;
      appendFileSync(LOG, `${line}\n`);
      const found = `SELECT 1 FROM ads.clicks WHERE ad_id = '${AD}-canary' AND annotations['ua'] = 'x' LIMIT 1`;
      return (await rows(site.clickhouse, found)).length > 0;
    },
    60_000,
    1_000,
  );
}, LIMIT_MS);
afterAll(() => site.close());

test('each stored row has its own, copies too, whatever their form', { timeout: LIMIT_MS }, async () => {
  // One after the other: which of two comes first is then known.
  write(events);
  await eventually('all clicks', async () => (await stored('clicks')).length >= COUNT);
  write(copies);
  await eventually('all copies', async () => (await storedAll()).length >= COUNT + copies.length);
  expect(asTexts(await stored('clicks'))).toEqual(asTexts(events));
  expect(asTexts(await stored('copies_dropped'))).toEqual(asTexts(copies));
  const columns = await analystSql<{ name: string; type: string }>(env, 'DESCRIBE ads.clicks');
  expect(columns.at(-1)).toMatchObject({ name: 'annotations', type: 'Map(String, String)' });
  expect(await highestFormat(openRegister(config))).toBe(3);
});

test('a run counts the copies that differ, and Hive has every row as it came', { timeout: LIMIT_MS }, async () => {
  const day = ['--from', DAY, '--to', NEXT, '--reason', 'test'];
  const { runs } = await clickledgerJson<{ runs: object[] }>(env, 'rebuild', ...day);
  const figures = { clicks: COUNT, copies_dropped: copies.length, conflicts: 0, annotation_conflicts: 3 };
  expect(runs).toMatchObject([{ ...figures, verdict: 'balanced' }]);
  expect(await clickledgerJson(env, 'runs', '--date', DAY)).toMatchObject({ runs: [figures] });
  const inHive = await hiveRows(env, `SELECT event_id AS id, annotations FROM ads.clicks WHERE dt = '${DAY}'`);
  expect(
    asTexts(inHive.map(({ id, annotations }) => ({ id: String(id), annotations: annotations as Row['annotations'] }))),
  ).toEqual(asTexts([...events, ...copies]));
  const [ofRun] = await hiveRows(
    env,
    `SELECT CAST(annotation_conflicts AS STRING) AS n FROM ads.batch_runs WHERE \`date\` = '${DAY}'`,
  );
  expect(ofRun).toEqual({ n: '3' });
});

test('a replay derives the same rows', { timeout: LIMIT_MS }, async () => {
  await site.damage(DAY);
  expect((await storedAll()).length).toBeLessThan(COUNT);
  const { code, stderr } = await site.replay(DAY, NEXT);
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  expect(asTexts(await stored('clicks'))).toEqual(asTexts(events));
  expect(asTexts(await stored('copies_dropped'))).toEqual(asTexts(copies));
});

/**
 * Two rows of a sink of an earlier release, which names no columns. The bytes of the second are those of a map with one
 * name, of 65 bytes, without a value: ClickHouse could take both for one row.
 */
async function oldInsert(clickhouse: ClickHouseClient): Promise<void> {
  const click = { ad_id: 'ad', click_timestamp: START, user_id: 'u'.repeat(18), ip: '1.2.3.4', country: 'US' };
  const [place, at] = [encodePlace('clicks-0'), { arrivedMs: START, offset: 7 }];
  const blocks = ['first', 'A'].map((event_id) => {
    const rows = new EncodedRows();
    rows.add(identityOf(encodeClick({ ...click, event_id })), at.arrivedMs, place, at.offset, null);
    // Without the empty map.
    return rows.bytes.subarray(0, -1);
  });
  const values = Readable.from([Buffer.concat(blocks)], { objectMode: false });
  const { stream } = await clickhouse.exec({ query: 'INSERT INTO clicks FORMAT RowBinary', values });
  await finished(stream.resume());
}

test('rows from before the migration have none, and a replay that was decided before it is exchanged', async () => {
  const database = `ads_old_${randomBytes(4).toString('hex')}`;
  const clickhouse = createClickHouse(urls.clickhouse, { database });
  const staging = stagingOf(database, 1);
  const run = async (text: string): Promise<void> => {
    for (const query of statements(text)) await site.clickhouse.command({ query });
  };
  const rowOf = (id: string): string =>
    `('${id}', 'ad', '2021-01-01 00:00:00', 'u', '::1', 'US', '2021-01-01 00:00:01', 'clicks-0', ${id.length})`;
  try {
    await run(`CREATE DATABASE ${database}`);
    for (const { name, text } of readMigrations('clickhouse')) {
      if (name < 'clickhouse/0017') await run(text.replace(/\bads\./g, `${database}.`));
    }
    await run(`INSERT INTO ${database}.clicks VALUES ${rowOf('old')}`);
    for (const query of statements(ofReplay(sql('clickhouse/replay/stage.sql'), database, 1))) {
      await clickhouse.command({ query });
    }
    await run(`INSERT INTO ${staging}.clicks VALUES ${rowOf('replayed')}`);
    await run(`RENAME TABLE ${staging}.clicks TO ${staging}.decided_clicks`);
    await run(`INSERT INTO ${database}.replays (replay, state, months) VALUES (1, 'staged', ['202101'])`);

    await migrateClickHouse({ clickhouse: site.clickhouse, database }, () => {});
    await expect(oldInsert(clickhouse)).rejects.toThrow('annotation_names');
    const held = () => rows<Row>(clickhouse, 'SELECT event_id AS id, annotations FROM clicks');
    expect(await held()).toEqual([{ id: 'old', annotations: {} }]);
    await exchange(clickhouse, 1);
    expect(await held()).toEqual([{ id: 'replayed', annotations: {} }]);
  } finally {
    for (const name of [staging, database]) await run(`DROP DATABASE IF EXISTS ${name} SYNC`);
    await clickhouse.close();
  }
});
