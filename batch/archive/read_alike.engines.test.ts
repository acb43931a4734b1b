import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { Annotations } from '../../domain/click/annotations.ts';
import type { Click } from '../../domain/click/click.ts';
import { DAY_MS, dayOf, dayStartMs } from '../../domain/time.ts';
import { createClickHouse, rows } from '../../infra/clients/clickhouse.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { withHive } from '../../infra/clients/hive.ts';
import { readConfig } from '../../infra/config.ts';
import { clicksOfDay, TestArchive } from '../../test/support/batch.ts';
import { testDays } from '../../test/support/days.ts';
import { openDuck } from './files/duckdb.ts';
import { manifestsOf } from './files/manifest.ts';
import { addDays } from './hive_days.ts';

const urls = engineUrls(readConfig(inject('env')));
const DAY = dayOf(testDays());
const COLUMNS = {
  event_id: 'text',
  ad_id: 'text',
  click_timestamp: 'bigint',
  user_id: 'text',
  ip: 'text',
  country: 'text',
  arrived_at: 'bigint',
  topic_partition: 'text',
  topic_offset: 'bigint',
  annotations: 'map',
};
const NAMES = Object.keys(COLUMNS).join(', ');

const start = dayStartMs(DAY);
const odd = (fields: Partial<Click>, n: number): Click => ({
  ...(clicksOfDay(DAY, 1, `odd${n}`)[0] as Click),
  ...fields,
});
const ODD: Click[] = [
  { ip: '2001:db8::ff00:42:8329' },
  { ip: '::1' },
  { user_id: 'ユーザー 1' },
  { user_id: 'naïve user' },
  { user_id: 'e\u0301 is not \u00e9' },
  { user_id: '👩‍💻' },
  { user_id: `it's "quoted" \\ and \`ticked\`` },
  { user_id: 'NULL' },
  { user_id: ' ' },
  { user_id: '\ufeffmarked' },
  { ad_id: 'x'.repeat(127) },
  { ad_id: '007' },
  // The id of a line without one: its position.
  { event_id: 'web-1:4f3a9c21d0e84b77:9007199254740991' },
  { click_timestamp: start },
  { click_timestamp: start + 1 },
  { click_timestamp: start + DAY_MS - 1 },
  { country: 'DE' },
].map(odd);

/** The annotations of the nth click: none, an empty value, and all that may stand in one. */
const annotationsOf = (n: number): Annotations =>
  new Map(
    n % 3 === 0
      ? []
      : [
          ['ua', n % 3 === 1 ? '' : `"${n}" \\ ユーザー 👩‍💻 {'a'=b}`],
          ['value', 'NULL'],
        ],
  );

type Row = Record<string, unknown>;

/** The files as read by an engine: names and types of their columns, and their rows in log order. */
interface Reading {
  columns: Record<string, string>;
  rows: Row[];
  sums: Row;
}

const SUMS = `count(*) AS n, count(DISTINCT user_id) AS users, min(ip) AS least_ip, max(user_id) AS greatest_user,
  sum(click_timestamp - ${start}) AS times, sum(topic_offset) AS offsets`;

const archive = new TestArchive(urls.kafka);
let paths: string[] = [];

beforeAll(async () => {
  await archive.createTopic();
  await archive.startArchiver();
  await archive.send([...ODD, ...clicksOfDay(DAY, 300, 'alike')], [], archive.topic, annotationsOf);
  await archive.archived();
  paths = [...manifestsOf(archive.archiveDir)].flatMap(({ files }) => files.map(({ path }) => path));
});
afterAll(() => archive.close());

/** An engine's name for the type of a column that may be null according to its metadata. */
const typeOf = (word: string): string =>
  /^(varchar|string|nullable\(string\))$/i.test(word)
    ? 'text'
    : /^(bigint|nullable\(int64\))$/i.test(word)
      ? 'bigint'
      : /^map(\(varchar, varchar\)|<string,string>|\(string, nullable\(string\)\))$/i.test(word)
        ? 'map'
        : word;

async function inDuckDb(): Promise<Reading> {
  const duck = await openDuck(archive.archiveDir, 64);
  const files = `read_parquet('${join(archive.archiveDir, 'clicks', `dt=${DAY}`)}/*.parquet', hive_partitioning = false)`;
  // As JSON: the client strips a byte order mark from the beginning of a text.
  const ask = async (query: string): Promise<Row[]> => {
    const answer = await duck.connection.runAndReadAll(`SELECT to_json(r) FROM (${query}) r`);
    return answer.getRows().map(([text]) => JSON.parse(String(text)) as Row);
  };
  const columns = await ask(`FROM (DESCRIBE SELECT * FROM ${files})`);
  const reading = {
    columns: Object.fromEntries(columns.map((row) => [String(row.column_name), typeOf(String(row.column_type))])),
    rows: await ask(`SELECT ${NAMES} FROM ${files} ORDER BY topic_partition, topic_offset`),
    sums: (await ask(`SELECT ${SUMS} FROM ${files}`))[0] as Row,
  };
  duck.close();
  return reading;
}

const inHive = (): Promise<Reading> =>
  withHive(urls.hive, archive.log, async (hive) => {
    await addDays(hive, archive.archiveDir, [DAY]);
    const described = await hive.rows<{ col_name: string; data_type: string }>('DESCRIBE ads.clicks');
    const columns = described.slice(
      0,
      described.findIndex(({ col_name }) => col_name === 'dt'),
    );
    const where = `FROM ads.clicks WHERE dt = '${DAY}'`;
    const sums = await hive.rows<Row>(`SELECT ${SUMS} ${where}`);
    return {
      columns: Object.fromEntries(columns.map(({ col_name, data_type }) => [col_name, typeOf(data_type)])),
      rows: await hive.rows<Row>(`SELECT ${NAMES} ${where} ORDER BY topic_partition, topic_offset`),
      sums: sums[0] as Row,
    };
  });

/** ClickHouse gets each file whole, and detects its columns. */
async function inClickHouse(): Promise<Reading> {
  const clickhouse = createClickHouse(urls.clickhouse);
  const texts = paths.map((path) => readFileSync(join(archive.archiveDir, path)).toString('base64'));
  const parts = texts.map((text) => `SELECT * FROM format('Parquet', base64Decode('${text}'))`);
  const files = `(${parts.join(' UNION ALL ')})`;
  const columns = await rows<{ name: string; type: string }>(clickhouse, `DESCRIBE ${files}`);
  const reading = {
    columns: Object.fromEntries(columns.map(({ name, type }) => [name, typeOf(type)])),
    rows: await rows<Row>(clickhouse, `SELECT ${NAMES} FROM ${files} ORDER BY topic_partition, topic_offset`),
    sums: (await rows<Row>(clickhouse, `SELECT ${SUMS} FROM ${files}`))[0] as Row,
  };
  await clickhouse.close();
  return reading;
}

it('Hive, ClickHouse and DuckDB read the same files alike', async () => {
  const [duckDb, hive, clickHouse] = [await inDuckDb(), await inHive(), await inClickHouse()];
  expect(duckDb.columns).toEqual(COLUMNS);
  const sent = [...ODD, ...clicksOfDay(DAY, 300, 'alike')].map((click, n) => ({
    ...click,
    annotations: Object.fromEntries(annotationsOf(n)),
  }));
  const asSent = duckDb.rows.map(({ event_id, ad_id, click_timestamp, user_id, ip, country, annotations }) => {
    return { event_id, ad_id, click_timestamp, user_id, ip, country, annotations };
  });
  const byId = (a: { event_id: unknown }, b: { event_id: unknown }) =>
    String(a.event_id) < String(b.event_id) ? -1 : 1;
  expect(asSent.sort(byId)).toEqual(sent.toSorted(byId));
  expect(hive).toEqual(duckDb);
  expect(clickHouse).toEqual(duckDb);
});
