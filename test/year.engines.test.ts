import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { eventTopics } from '../domain/event_kinds.ts';
import { TOPICS } from '../domain/names.ts';
import { DAY_MS, dayOf, HOUR_MS, iso, MINUTE_MS } from '../domain/time.ts';
import { engineUrls } from '../infra/clients/engines.ts';
import { type Admin, createKafka, endOffsetsOf } from '../infra/clients/kafka.ts';
import { readConfig } from '../infra/config.ts';
import { readJson } from '../infra/files.ts';
import { createLog } from '../infra/log.ts';
import { openFindings } from '../infra/register/findings.ts';
import { openRegister } from '../infra/register/open.ts';
import { ROLES, readRoleFile } from '../infra/role.ts';
import { type Fact, lineOf } from '../prove/oracle.ts';
import { type Platform, platformEnv, startPlatform } from '../prove/platform.ts';
import { BRIEF_JVMS } from './support/brief_jvms.ts';
import { type ApiCount, analystSql, askApi, count, searchRest } from './support/client.ts';
import { canMoveClocks, MovedClock } from './support/moved_clock.ts';
import { sampleRandom } from './support/sample.ts';
import { eventually } from './support/wait.ts';

/**
 * 400 days go by in minutes: Kafka's clock, by which everything arrives and everything is decided, is moved from day to
 * day. On each day some clicks arrive, some of them late by up to a year, and some again; on some days the machine is
 * there for the night. After each night every answer is compared with the oracle.
 */
/** YEAR_DAYS: fewer, to try something. */
const DAYS = Number(process.env.YEAR_DAYS ?? 400);
const KEPT = { RAW_DAYS: 30, MINUTE_DAYS: 60, REALTIME_INDEX_DAYS: 7, REJECTED_DAYS: 90 };
const LIMIT_MS = 60 * MINUTE_MS;
/** Before the day on which this runs, so that no clock is behind Kafka's. */
const FIRST_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS - (DAYS + 2) * DAY_MS;
const dayMs = (n: number): number => FIRST_MS + n * DAY_MS;
const NOON_MS = 12 * HOUR_MS;
const COUNTRIES = ['USA', 'DEU', 'FRA'];
const ADS = 8;

const next = sampleRandom(32);
const pick = (n: number): number => Math.floor(next() * n);
const folder = mkdtempSync(join(tmpdir(), 'clickledger-year-'));
const dataDir = join(folder, 'data');
const [EVENTS = ''] = eventTopics('click', []);
const lastNight = z.object({ started_at: z.number() });

/** What has arrived: the first of each click. */
const facts: Fact[] = [];
let sent = 0;
let rejected = 0;
let clock: MovedClock;
let env: Record<string, string>;
let platform: Platform | undefined;
let admin: Admin;

function clickAt(at: number): Fact {
  const n = facts.length;
  const fact: Fact = {
    ad: `year-${pick(ADS)}`,
    at,
    user: `user ${pick(50)}`,
    ip: `10.3.${pick(4)}.${pick(256)}`,
    country: COUNTRIES[n % COUNTRIES.length] as string,
    id: n % 3 === 0 ? null : `year-${n}`,
  };
  facts.push(fact);
  return fact;
}

/** The lines of one noon: clicks of the morning, of the evening before, and old ones; some of each again. */
function linesOf(n: number): string[] {
  const own = Array.from({ length: 16 }, () => clickAt(dayMs(n) + pick(NOON_MS)));
  const evening = n === 0 ? [] : Array.from({ length: 4 }, () => clickAt(dayMs(n) - 1 - pick(NOON_MS)));
  const late = n > 40 && n % 4 === 0 ? [clickAt(dayMs(n - 1 - pick(40)) + pick(DAY_MS))] : [];
  const veryLate = n > 20 && n % 25 === 0 ? [clickAt(dayMs(pick(n)) + pick(DAY_MS))] : [];
  const again = own.filter(({ id }) => id !== null).slice(0, 2);
  // So much later that real time counts them, and only a run knows better.
  const known = facts.slice(-600, -60).filter(({ id }) => id !== null);
  const longAgo = known.length > 0 && n % 3 === 0 ? [known[pick(known.length)] as Fact] : [];
  const lines = [...own, ...evening, ...late, ...veryLate, ...again, ...longAgo].map(lineOf);
  sent += lines.length;
  if (n % 5 !== 0) return lines;
  rejected += 1;
  return [...lines, `GET /${n} HTTP/1.1`];
}

const arrived = async (topic: string): Promise<number> => {
  let messages = 0;
  for (const offset of (await endOffsetsOf(admin, [topic])).values()) messages += offset;
  return messages;
};

async function noon(n: number): Promise<void> {
  clock.set(dayMs(n) + NOON_MS);
  const lines = linesOf(n);
  appendFileSync(join(dataDir, 'logs', 'web.log'), lines.map((line) => `${line}\n`).join(''));
  const all = async (): Promise<boolean> =>
    (await arrived(EVENTS)) === sent && (await arrived(TOPICS.rejected)) === rejected;
  await eventually(`the lines of ${dayOf(dayMs(n))} have arrived`, all, 60_000, 50);
}

/** The night after a day, with all that was missed. */
async function night(n: number): Promise<void> {
  clock.set(dayMs(n + 1) + 3 * HOUR_MS);
  const file = join(dataDir, 'archive', 'last-night.json');
  const over = async (): Promise<boolean> => readJson(lastNight, file).started_at >= dayMs(n + 1);
  await eventually(`the night after ${dayOf(dayMs(n))} is over`, over, 300_000, 250);
}

const truthOf = (keep: (fact: Fact) => boolean): number => facts.filter(keep).length;
const within = (from: number, to: number) => (fact: Fact) => fact.at >= from && fact.at < to;

interface Report {
  rows: Record<string, string | number>[];
  receipt?: { status: string };
}
const report = (by: string, from: number, to: number): Promise<Report> =>
  askApi(env, `/v1/report?by=${by}&metrics=clicks&order=key&limit=10000&from=${iso(from)}&to=${iso(to)}`);

/** `ad|day` → clicks. */
function perAdAndDay(from: number, to: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { ad, at } of facts.filter(within(from, to))) {
    counts[`${ad}|${dayOf(at)}`] = (counts[`${ad}|${dayOf(at)}`] ?? 0) + 1;
  }
  return counts;
}

/** Answers of former nights, with the time of which they were. */
const former: { asOf: number; ad: string; from: number; to: number; clicks: number }[] = [];

/** Who has answered. */
const sources = new Set<string>();

async function isExact(answer: Promise<ApiCount>, expected: number, what: string): Promise<void> {
  const { count: clicks, receipt } = await answer.catch((error: Error) => {
    throw new Error(`${what}: ${error.message}`);
  });
  for (const source of receipt.sources) sources.add(source);
  expect([what, clicks]).toEqual([what, expected]);
  // Restated: a later run of a day has other counts than an earlier one.
  expect(['final', 'restated']).toContain(receipt.status);
}

async function compareAnswers(n: number): Promise<void> {
  const [end, first] = [dayMs(n + 1), Math.max(dayMs(0), dayMs(n + 1 - 45))];
  // As real time has it, or as the run has it: the same, once its announcement is applied.
  const rowsNow = async (): Promise<boolean> => {
    const { rows } = await report('ad,day', first, end);
    const got = Object.fromEntries(rows.map((row) => [`${row.ad_id}|${String(row.day).slice(0, 10)}`, row.clicks]));
    expect(got).toEqual(perAdAndDay(first, end));
    return true;
  };
  await eventually('the report is that of the runs', rowsNow, 60_000);

  const ad = `year-${pick(ADS)}`;
  const isOf = (fact: Fact): boolean => fact.ad === ad;
  const ask = (from: number, to: number, more = '') => count(env, ad, iso(from), iso(to), more);
  const all = within(dayMs(0), end);
  const says = (what: string): string => `${ad}, ${what}, after ${dayOf(dayMs(n))}`;
  await isExact(
    ask(dayMs(0), end),
    truthOf((fact) => isOf(fact) && all(fact)),
    says('of all days'),
  );

  const old = pick(n + 1);
  const ofDay = within(dayMs(old), dayMs(old + 1));
  await isExact(
    ask(dayMs(old), dayMs(old + 1)),
    truthOf((fact) => isOf(fact) && ofDay(fact)),
    says(`day ${old}`),
  );
  const [country, network] = [COUNTRIES[pick(3)] as string, `10.3.${pick(4)}.0/24`];
  await isExact(
    ask(dayMs(old), dayMs(old + 1), `&country=${country}`),
    truthOf((fact) => isOf(fact) && ofDay(fact) && fact.country === country),
    says(`${country} of day ${old}`),
  );
  await isExact(
    ask(dayMs(old) + 12_345_000, dayMs(old + 1) - 54_321_000, `&ip=${network}`),
    truthOf(
      (fact) =>
        isOf(fact) &&
        within(dayMs(old) + 12_345_000, dayMs(old + 1) - 54_321_000)(fact) &&
        fact.ip.startsWith(network.replace(/0\/24$/, '')),
    ),
    says(`${network} of a part of day ${old}`),
  );

  const before = former.at(-1);
  if (before) {
    const { asOf, ad: of, from, to, clicks } = before;
    const then = (): Promise<ApiCount> => count(env, of, iso(from), iso(to), `&as_of=${iso(asOf)}`);
    await eventually('the API has read the clock, which was moved', then, 60_000);
    await isExact(then(), clicks, `${of} as of ${iso(asOf)}`);
  }
  const recent = Math.max(0, n - 20);
  former.push({
    asOf: end + 4 * HOUR_MS,
    ad,
    from: dayMs(recent),
    to: end,
    clicks: truthOf((fact) => isOf(fact) && within(dayMs(recent), end)(fact)),
  });
  clock.set(end + 4 * HOUR_MS + 1_000);
}

async function start(): Promise<void> {
  platform = await startPlatform(env);
  admin = createKafka(engineUrls(readConfig(env)).kafka, 'year-test', log).admin();
  await admin.connect();
}
async function stop(): Promise<void> {
  await admin?.disconnect();
  await platform?.stop();
}
const log = createLog('year-test');
log.level = 'silent';

beforeAll(async () => {
  mkdirSync(dataDir, { recursive: true });
  if (!canMoveClocks) return;
  clock = new MovedClock(folder, FIRST_MS + HOUR_MS);
  const settings = { EVENT_KINDS: 'click', HOST_ID: 'year', ALLOWED_LATENESS: '2s', CLICKLEDGER_TIMINGS: 'short' };
  const days = Object.fromEntries(Object.entries(KEPT).map(([name, value]) => [name, String(value)]));
  env = await platformEnv(dataDir, { ...settings, ...days, ...clock.env, ...BRIEF_JVMS });
  await start();
}, LIMIT_MS);
afterAll(async () => {
  await stop();
  if (!process.env.KEEP_TEST_DATA) rmSync(folder, { recursive: true, force: true });
});

/** When the current run of each day was published, in epoch milliseconds. */
const published = () =>
  analystSql<{ day: string; at: string }>(
    env,
    `SELECT toString(date) AS day, toString(max(toUnixTimestamp64Milli(published_at))) AS at
     FROM ads.batch_runs WHERE state = 'published' GROUP BY date`,
  );
const minutesGone = () =>
  analystSql<{ day: string }>(env, 'SELECT toString(day) AS day FROM ads.minutes_gone WHERE run > 0');

/** Partitions of tables by month, such as 202601. */
const monthsOf = (table: string) =>
  analystSql<{ month: string }>(
    env,
    `SELECT DISTINCT toString(toYYYYMM(arrived_at)) AS month FROM ads.${table} ORDER BY 1`,
  );

test.runIf(canMoveClocks)(
  '400 days, with nights, late clicks, copies, retention, kills and restarts',
  {
    timeout: LIMIT_MS,
  },
  async () => {
    let nights = 0;
    let untilNight = 1;
    for (let n = 0; n < DAYS; n++) {
      await noon(n);
      untilNight -= 1;
      if (untilNight > 0 && n < DAYS - 1) continue;
      await night(n);
      await compareAnswers(n);
      nights += 1;
      untilNight = 1 + pick(31);
      process.stdout.write(`day ${n}: ${facts.length} clicks, ${nights} nights\n`);
      if (nights === 8 || nights === 16) {
        await stop();
        await start();
      } else {
        process.kill(readRoleFile(dataDir, ROLES[pick(ROLES.length)] as string).pid, 'SIGKILL');
      }
    }

    // One more night: what was announced in the last is gone.
    await noon(DAYS);
    await night(DAYS);
    const nowMs = dayMs(DAYS + 1);
    const rawSince = iso(nowMs - (KEPT.RAW_DAYS + 31 + 31) * DAY_MS)
      .slice(0, 7)
      .replace('-', '');
    await eventually('old raw rows are gone', async () => {
      for (const table of ['clicks', 'copies_dropped']) {
        const [oldest] = await monthsOf(table);
        expect([table, Number(oldest?.month)]).toEqual([table, expect.toSatisfy((month) => month >= Number(rawSince))]);
      }
      return true;
    });
    // Kafka keeps rejected lines for a week: those of a longer time without a night may be lost, and that is said.
    const expected = ['clocks_apart', 'rejected_lost'];
    const codes = (await openFindings(openRegister(readConfig(env)))).map(({ code }) => code);
    expect(codes.filter((code) => !expected.includes(code))).toEqual([]);

    const publishedAt = new Map((await published()).map(({ day, at }) => [day, Number(at)]));
    const longAgo = (day: string, days: number): boolean => (publishedAt.get(day) ?? nowMs) < nowMs - days * DAY_MS;
    const indexes = await searchRest<{ index: string }[]>(env, '/_cat/indices/ad-minutes-*-rt?format=json&h=index');
    const inRealtime = indexes.map(({ index }) =>
      index.slice('ad-minutes-'.length, -'-rt'.length).replaceAll('.', '-'),
    );
    expect(inRealtime.filter((day) => longAgo(day, KEPT.REALTIME_INDEX_DAYS))).toEqual([]);
    const gone = new Set((await minutesGone()).map(({ day }) => day));
    // Announced at the first night after its time, of which the last two are at most a month apart.
    const due = [...publishedAt.keys()].filter((day) => longAgo(day, KEPT.MINUTE_DAYS + 32));
    expect(due.filter((day) => !gone.has(day))).toEqual([]);
    expect(due.length).toBeGreaterThan(DAYS - KEPT.MINUTE_DAYS - 100);
    expect(sources).toEqual(new Set(['clickhouse', 'elasticsearch', 'hive']));
  },
);
