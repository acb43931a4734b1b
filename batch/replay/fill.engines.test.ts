import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { NO_ANNOTATIONS } from '../../domain/click/annotations.ts';
import type { Click } from '../../domain/click/click.ts';
import { databaseOf } from '../../domain/names.ts';
import { stagingOf } from '../../domain/replay.ts';
import { DAY_MS, dayOf, MINUTE_MS } from '../../domain/time.ts';
import { createClickHouse, rows } from '../../infra/clients/clickhouse.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { connectHive } from '../../infra/clients/hive.ts';
import { readConfig } from '../../infra/config.ts';
import { createLog } from '../../infra/log.ts';
import { type Duck, openDuck } from '../archive/files/duckdb.ts';
import { RangeBuffer } from '../archive/range.ts';
import { writeRange } from '../archive/write_range.ts';
import { openFill } from './fill.ts';
import { dropStaging, Staging } from './staging.ts';

const urls = engineUrls(readConfig(inject('env')));
const clickhouse = createClickHouse(urls.clickhouse);
const viaHive = { connectHive: () => connectHive(urls.hive, createLog('test')), signal: new AbortController().signal };
const archiveDir = mkdtempSync(join(tmpdir(), 'clickledger-fill-'));
const REPLAY = 900_000_000 + (process.pid % 1_000_000);
const TOPIC = 'fill-test';
const DAY = Date.UTC(2020, 11, 5);
const DAYS = { from: dayOf(DAY), to: dayOf(DAY + DAY_MS) };
const WINDOW_MS = 10 * MINUTE_MS;
/** Ten minutes before the end of a month. */
const ARRIVAL = Date.UTC(2026, 1, 1) - 10 * MINUTE_MS;
let duck: Duck;

const click = (n: number, atMs = DAY + n * 1_000): Click => ({
  event_id: `e${n}`,
  ad_id: `fill-ad${n % 2}`,
  click_timestamp: atMs,
  user_id: 'u',
  ip: '10.0.0.1',
  country: 'USA',
});

/** One range of a partition: clicks by minute of arrival. Those at odd offsets are annotated. */
async function archive(
  partition: number,
  from: number,
  arrivals: [minute: number, Click][],
  topic = TOPIC,
): Promise<void> {
  const range = new RangeBuffer(archiveDir, `${topic}-${partition}`);
  arrivals.forEach(([minute, one], i) => {
    const annotations = new Map([['ua', `"${from + i}"\\`]] as const);
    range.add(one, (from + i) % 2 === 0 ? NO_ANNOTATIONS : annotations, ARRIVAL + minute * MINUTE_MS, from + i, 100);
  });
  const minutes = arrivals.map(([minute]) => ARRIVAL + minute * MINUTE_MS);
  const facts = {
    topic,
    partition,
    from,
    to: from + arrivals.length,
    rejected: 0,
    arrived_from: Math.min(...minutes),
    arrived_to: Math.max(...minutes),
  };
  await writeRange(archiveDir, facts, range, () => true);
  await range.close();
}

beforeAll(async () => {
  duck = await openDuck(archiveDir, 64);
  await archive(0, 0, [
    [0, click(1)],
    [0, click(2)],
    // Another day: neither staged nor in the way.
    [1, click(3, DAY + DAY_MS)],
    [9, click(1)],
  ]);
  await archive(0, 4, [
    [10.5, click(2)],
    // Within the window of its duplicate at minute 9, which was not counted, but not of the one at 0, which was.
    [12.5, click(1)],
    [13, { ...click(1), country: 'DEU' }],
  ]);
  await archive(1, 0, [[0, click(1)]]);
});
afterEach(() => dropStaging(clickhouse, REPLAY));
afterAll(async () => {
  await clickhouse.close();
  duck.close();
  rmSync(archiveDir, { recursive: true, force: true });
});

const partition = (n: number) => `${TOPIC}-${n}`;
const cut = (first: number, second: number) => ({ [partition(0)]: first, [partition(1)]: second });

/** Stages up to one cut after the other, and returns the positions of the staged rows. */
async function stage(months: string[], cuts: Record<string, number>[]) {
  const staging = new Staging(clickhouse, REPLAY, DAYS);
  await staging.create();
  await staging.empty();
  const fill = await openFill({
    engines: { archiveDir, duck, ...viaHive },
    staging,
    days: DAYS,
    dedupeWindowMs: WINDOW_MS,
    months: new Set(months),
    onProgress: () => {},
  });
  let from = {};
  for (const to of cuts) {
    await fill.fill(from, to);
    from = to;
  }
  const annotated: Record<string, string> = {};
  const places = async (table: string): Promise<string[]> => {
    const found = await rows<{ place: string; ua: string }>(
      clickhouse,
      `SELECT concat(topic_partition, ':', toString(topic_offset)) AS place, annotations['ua'] AS ua
       FROM ${stagingOf(databaseOf('click'), REPLAY)}.${table} ORDER BY place`,
    );
    for (const { place, ua } of found) if (ua !== '') annotated[place.slice(TOPIC.length + 1)] = ua;
    return found.map(({ place }) => place.slice(TOPIC.length + 1));
  };
  const [clicks, copies] = [await places('clicks'), await places('copies_dropped')];
  return { clicks, copies, annotated, held: await staging.held(), fill };
}

test('duplicates within the window of arrival are dropped and those outside are counted, over files, partitions and cuts', async () => {
  const { clicks, copies, annotated, held, fill } = await stage(
    ['202601', '202602'],
    [cut(1, 1), cut(6, 1), cut(7, 1)],
  );
  expect(clicks).toEqual(['0:0', '0:1', '0:5', '0:6', '1:0']);
  expect(copies).toEqual(['0:3', '0:4']);
  expect(annotated).toEqual({ '0:1': '"1"\\', '0:3': '"3"\\', '0:5': '"5"\\' });
  expect(held).toEqual({ raw_rows: 5, copies_dropped: 2, clicks_by_ad: 5, clicks_by_minute: 5 });
  expect(fill.staged()).toEqual({ rows: 5, copies: 2 });
  expect(fill.inputs()).toMatchObject({ files: 3, rows: 7 });
});

test('nothing at the cut or after it is staged, and nothing of other months', async () => {
  expect(await stage(['202601', '202602'], [cut(5, 0)])).toMatchObject({
    clicks: ['0:0', '0:1'],
    copies: ['0:3', '0:4'],
  });
  await dropStaging(clickhouse, REPLAY);
  expect(await stage(['202601'], [cut(7, 1)])).toMatchObject({ clicks: ['0:0', '0:1', '1:0'], copies: ['0:3'] });
});

test('copies of clicks are copies too after their partition went on under other names', async () => {
  await archive(2, 0, [[0, click(20)]]);
  // In the order in which the folder lists them the second name would come last.
  await archive(2, 1, [[2, click(21)]], `${TOPIC}~10`);
  await archive(2, 1, [[1, click(20)], [1, click(21)]], `${TOPIC}~2`); // biome-ignore format: one line a log
  const all = { [`${TOPIC}-2`]: 1, [`${TOPIC}~2-2`]: 3, [`${TOPIC}~10-2`]: 2 };
  expect(await stage(['202601', '202602'], [all])).toMatchObject({
    clicks: ['2:0', '2-2:2'],
    copies: ['10-2:1', '2-2:1'],
  });
});
