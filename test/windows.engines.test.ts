import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { rebuildDay } from '../batch/rebuild/rebuild.ts';
import type { Click } from '../domain/click/click.ts';
import { DAY_MS, dayOf, floorTo, HOUR_MS, iso, MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { connectHive, type Hive } from '../infra/clients/hive.ts';
import { readConfig } from '../infra/config.ts';
import { SQL_DIR, sql } from '../infra/sql.ts';
import { countInRealtime, startTestArchive, TestArchive } from './support/batch.ts';
import { analystSql } from './support/client.ts';

const env = inject('env');
const urls = engineUrls(readConfig(env));
const archive = new TestArchive(urls.kafka);

// Two days with the seam of two months between them. Questions by month read all days of four months, so these lie in
// years that no other test has days in; engines that were given may remember the months of an earlier run.
const SEAM = Math.floor(Date.now() / 10_000) % 22;
const SEAM_MS = Date.UTC(2002 + Math.floor(SEAM / 11), 1 + (SEAM % 11), 1);
const START_MS = SEAM_MS - DAY_MS;
const END_MS = SEAM_MS + DAY_MS;
const [FIRST, LAST] = [dayOf(START_MS), dayOf(SEAM_MS)];
const [A, B, C] = ['a', 'b', 'c'].map((ad) => `${archive.topic} ${ad}`) as [string, string, string];
const GAP_MS = 30 * SECOND_MS;

const click = (ad_id: string, ms: number, user_id = 'user 1', country = 'USA'): Click => ({
  event_id: `${archive.topic}-${ad_id}-${ms}-${user_id}-${country}`,
  ad_id,
  click_timestamp: ms,
  user_id,
  ip: '2001:db8::1',
  country,
});

/** Groups of clicks some minutes apart, over both days. */
const spread = (ad: string, count: number, stepMs: number): Click[] =>
  Array.from({ length: count }, (_, n) => {
    const country = ['USA', 'DEU'][n % 2] as string;
    return click(ad, START_MS + 3 * HOUR_MS + n * stepMs + (n % 5) * 700, `user ${n % 4}`, country);
  });

const atEdges = [START_MS, START_MS + 5 * MINUTE_MS - 1, START_MS + 5 * MINUTE_MS, SEAM_MS - 1, SEAM_MS, END_MS - 1];
const sessionMs = START_MS + 2 * HOUR_MS;
const clicks: Click[] = [
  ...atEdges.map((ms) => click(A, ms)),
  ...spread(A, 150, 17 * MINUTE_MS + 111),
  ...spread(B, 90, 23 * MINUTE_MS),
  // As many as b has, in the same minutes: a tie.
  ...spread(B, 90, 23 * MINUTE_MS).map((other) => ({ ...other, ad_id: C, event_id: `${other.event_id} c` })),
  // A pause of exactly the gap, one that is a millisecond longer, two clicks at once, and one session over midnight.
  ...[0, GAP_MS, 2 * GAP_MS + 1, 2 * GAP_MS + 1].map((ms, n) => ({
    ...click(A, sessionMs + ms, 'ユーザー "1"'),
    event_id: `${archive.topic}-session-${n}`,
  })),
  click(A, SEAM_MS - 1, 'user 9'),
  click(A, SEAM_MS + GAP_MS - 1, 'user 9'),
];
const copies = clicks.slice(0, 20);

/** One row of an answer, times in epoch milliseconds, fractions to nine digits. */
type Row = (string | number | null)[];

const inRange = (ad: string | null, fromMs: number, toMs: number): Click[] =>
  clicks.filter(({ ad_id, click_timestamp: ms }) => (ad === null || ad_id === ad) && ms >= fromMs && ms < toMs);

function count<K extends string | number>(keys: K[]): [key: K, clicks: number][] {
  const counts = new Map<K, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Every window that begins at a multiple of the hop, counted one by one. */
function windows(ad: string, [fromMs, toMs]: Range, sizeMs: number, hopMs: number): Row[] {
  const found: Row[] = [];
  for (let start = floorTo(fromMs, hopMs); start < toMs; start += hopMs) {
    const inWindow = inRange(ad, start, start + sizeMs).length;
    if (start >= fromMs && start + sizeMs <= toMs && inWindow > 0) found.push([start, start + sizeMs, inWindow]);
  }
  return found;
}

function sliding(ad: string, [fromMs, toMs]: Range, preceding: number): Row[] {
  const minutes = count(inRange(ad, fromMs, toMs).map(({ click_timestamp }) => floorTo(click_timestamp, MINUTE_MS)));
  return minutes.map(([minute]) => [minute, inRange(ad, minute - preceding * MINUTE_MS, minute + MINUTE_MS).length]);
}

function sessions(ad: string, [fromMs, toMs]: Range, gapMs: number): Row[] {
  const found: Row[] = [];
  const users = new Map<string, number[]>();
  for (const { user_id, click_timestamp } of inRange(ad, fromMs, toMs)) {
    users.set(user_id, [...(users.get(user_id) ?? []), click_timestamp]);
  }
  for (const [user, times] of users) {
    let session: [string, number, number, number] | null = null;
    for (const ms of times.sort((a, b) => a - b)) {
      if (session && ms - session[2] <= gapMs) session = [user, session[1], ms, session[3] + 1];
      else {
        if (session) found.push(session);
        session = [user, ms, ms, 1];
      }
    }
    if (session) found.push(session);
  }
  return found;
}

function topAds([fromMs, toMs]: Range, sizeMs: number, n: number): Row[] {
  const found: Row[] = [];
  for (let start = floorTo(fromMs, sizeMs); start < toMs; start += sizeMs) {
    if (start < fromMs || start + sizeMs > toMs) continue;
    for (const country of ['DEU', 'USA']) {
      const ofWindow = inRange(null, start, start + sizeMs).filter((one) => one.country === country);
      const ads = count(ofWindow.map(({ ad_id }) => ad_id)).sort(([, a], [, b]) => b - a);
      found.push(...ads.slice(0, n).map(([ad, clicks], place) => [start, country, place + 1, ad, clicks]));
    }
  }
  return found;
}

function hourOfDay(ad: string, [fromMs, toMs]: Range): Row[] {
  const all = inRange(ad, fromMs, toMs);
  return Array.from({ length: 24 }, (_, hour) => {
    const ofHour = all.filter(({ click_timestamp }) => new Date(click_timestamp).getUTCHours() === hour).length;
    return [hour, ofHour, ofHour / ((toMs - fromMs) / DAY_MS), ofHour / Math.max(all.length, 1)];
  });
}

function months(ads: string[], months: string[]): Row[] {
  const of = (ad: string, month: string) =>
    clicks.filter(({ ad_id, click_timestamp }) => ad_id === ad && iso(click_timestamp).startsWith(month)).length;
  return ads.flatMap((ad) =>
    months.map((month, n) => {
      const before = n === 0 ? 0 : of(ad, months[n - 1] as string);
      const all = ads.reduce((sum, other) => sum + of(other, month), 0);
      return [
        ad,
        month,
        of(ad, month),
        before === 0 ? null : of(ad, month) / before - 1,
        of(ad, month) / Math.max(all, 1),
      ];
    }),
  );
}

type Range = [fromMs: number, toMs: number];
const BOTH_DAYS: Range = [START_MS, END_MS];
/** The n-th month after that of the first day. */
const month = (n: number): string => {
  const first = new Date(START_MS);
  return iso(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + n)).slice(0, 7);
};
const MONTHS = [-1, 0, 1, 2].map(month);

type Values = Record<string, string | number>;

/** A query and its expected answer. */
interface Case {
  file: string;
  values: Values;
  truth: Row[];
}

const moments = ([fromMs, toMs]: Range): Values => ({
  from: iso(fromMs).slice(0, 19).replace('T', ' '),
  to: iso(toMs).slice(0, 19).replace('T', ' '),
});
const days = ([fromMs, toMs]: Range): Values => ({ from: dayOf(fromMs), to: dayOf(toMs) });
/** Cuts through a window at each end. */
const RAGGED: Range = [START_MS + 2 * MINUTE_MS, END_MS - 3 * MINUTE_MS];
const MIDNIGHT: Range = [SEAM_MS - HOUR_MS, SEAM_MS + HOUR_MS];
const MONTHS_RANGE = { from: `${MONTHS[0]}-01`, to: `${month(3)}-01` };

const IN_CLICKHOUSE: Case[] = [
  ...[BOTH_DAYS, RAGGED].flatMap((range) =>
    [5, 7, 60].map((size) => ({
      file: 'tumbling.sql',
      values: { ad: A, ...moments(range), size },
      truth: windows(A, range, size * MINUTE_MS, size * MINUTE_MS),
    })),
  ),
  ...(
    [
      [10, 5],
      [60, 25],
      [5, 5],
      [3, 10],
    ] as const
  ).map(([size, hop]) => ({
    file: 'hopping.sql',
    values: { ad: A, ...moments(RAGGED), size, hop },
    truth: windows(A, RAGGED, size * MINUTE_MS, hop * MINUTE_MS),
  })),
  { file: 'sliding.sql', values: { ad: A, ...moments(BOTH_DAYS), preceding: 4 }, truth: sliding(A, BOTH_DAYS, 4) },
  { file: 'sliding.sql', values: { ad: A, ...moments(MIDNIGHT), preceding: 90 }, truth: sliding(A, MIDNIGHT, 90) },
  { file: 'sessions.sql', values: { ad: A, ...moments(BOTH_DAYS), gap: 30 }, truth: sessions(A, BOTH_DAYS, GAP_MS) },
  { file: 'top_ads.sql', values: { ...moments(BOTH_DAYS), size: 60, n: 2 }, truth: topAds(BOTH_DAYS, HOUR_MS, 2) },
  { file: 'hour_of_day.sql', values: { ad: A, ...days(BOTH_DAYS) }, truth: hourOfDay(A, BOTH_DAYS) },
  { file: 'hour_of_day.sql', values: { ad: 'none', ...days(BOTH_DAYS) }, truth: hourOfDay('none', BOTH_DAYS) },
  { file: 'months.sql', values: { ads: `['${A}','${B}']`, ...MONTHS_RANGE }, truth: months([A, B], MONTHS) },
];

const ONE_DAY: Range = [SEAM_MS, END_MS];
const IN_HIVE: Case[] = [
  ...[5, 7].map((size) => ({
    file: 'tumbling.sql',
    values: { ad: A, ...days(BOTH_DAYS), size },
    truth: windows(A, BOTH_DAYS, size * MINUTE_MS, size * MINUTE_MS),
  })),
  {
    file: 'hopping.sql',
    values: { ad: A, ...days(BOTH_DAYS), size: 60, hop: 25 },
    truth: windows(A, BOTH_DAYS, HOUR_MS, 25 * MINUTE_MS),
  },
  { file: 'sliding.sql', values: { ad: A, ...days(ONE_DAY), preceding: 90 }, truth: sliding(A, ONE_DAY, 90) },
  { file: 'sessions.sql', values: { ad: A, ...days(BOTH_DAYS), gap: 30 }, truth: sessions(A, BOTH_DAYS, GAP_MS) },
  { file: 'top_ads.sql', values: { ...days(BOTH_DAYS), size: 60, n: 2 }, truth: topAds(BOTH_DAYS, HOUR_MS, 2) },
  { file: 'hour_of_day.sql', values: { ad: A, ...days(BOTH_DAYS) }, truth: hourOfDay(A, BOTH_DAYS) },
  { file: 'months.sql', values: { ads: `${A},${B}`, ...MONTHS_RANGE }, truth: months([A, B], MONTHS) },
];

const CLICKHOUSE_FOLDER = 'clickhouse/queries/windows';
const HIVE_FOLDER = 'hive/queries/windows';

let hive: Hive;
let close: () => Promise<void>;

beforeAll(async () => {
  const started = await startTestArchive(archive, urls);
  const { engines } = started;
  close = started.close;
  await countInRealtime(engines.clickhouse, await archive.send([...clicks, ...copies]));
  await archive.commit(engines.sinkGroup, await archive.ends());
  for (const day of [FIRST, LAST]) await rebuildDay(engines, { day, reason: 'test', requestedBy: 'test' });
  hive = await connectHive(urls.hive, archive.log);
}, 300_000);
afterAll(async () => {
  await hive.close();
  await close();
});

/** A ClickHouse time as an analyst sees it. */
const TIME = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d+)?$/;
const MONTH = /^\d{4}-\d{2}-01$/;

function normal(value: unknown): string | number | null {
  if (value === null) return null;
  if (typeof value === 'number') return Number(value.toFixed(9));
  const text = String(value);
  if (/^-?\d+(\.\d+)?$/.test(text)) return normal(Number(text));
  if (TIME.test(text)) return Date.parse(`${text.replace(' ', 'T')}Z`);
  return MONTH.test(text) ? text.slice(0, 7) : text;
}

const inOrder = (rows: Row[]): string[] => rows.map((row) => JSON.stringify(row.map(normal)));

const title = ({ file, values }: Case): string =>
  `${file} ${Object.entries(values)
    .filter(([name]) => name !== 'ad' && name !== 'ads')
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')}`;

/** Sessions are ordered by user, whose order differs between engines. */
const expected = ({ file, truth }: Case, found: string[]): [string[], string[]] =>
  file === 'sessions.sql' ? [found.toSorted(), inOrder(truth).toSorted()] : [found, inOrder(truth)];

describe('in ClickHouse, as the analyst', () => {
  it.each(IN_CLICKHOUSE.map((one) => [title(one), one] as const))('%s', async (_, one) => {
    expect(one.truth.length).toBeGreaterThan(0);
    const query = sql(`${CLICKHOUSE_FOLDER}/${one.file}`);
    const rows = await analystSql<Record<string, unknown>>(env, query, one.values);
    const [found, truth] = expected(one, inOrder(rows.map((row) => Object.values(row).map(normal))));
    expect(found).toEqual(truth);
  });
});

describe('in Hive, with variables as beeline sets them', () => {
  it.each(IN_HIVE.map((one) => [title(one), one] as const))('%s', async (_, one) => {
    expect(one.truth.length).toBeGreaterThan(0);
    for (const [name, value] of Object.entries(one.values)) await hive.execute(`SET hivevar:${name}=${value}`);
    const query = sql(`${HIVE_FOLDER}/${one.file}`).replace(/;\s*$/, '');
    const rows = await hive.rows<Record<string, unknown>>(query);
    const [found, truth] = expected(one, inOrder(rows.map((row) => Object.values(row).map(normal))));
    expect(found).toEqual(truth);
  });
});

it.each([
  [CLICKHOUSE_FOLDER, IN_CLICKHOUSE],
  [HIVE_FOLDER, IN_HIVE],
])('every query in %s is tested here', (folder, cases) => {
  const files = readdirSync(join(SQL_DIR, folder));
  expect([...new Set(cases.map(({ file }) => file))].sort()).toEqual(files.sort());
  for (const file of files) expect(sql(`${folder}/${file}`)).toMatch(/^-- .*\n(--.*\n)+SELECT/);
});
