import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Status } from '../../audit/status.ts';
import { EVENT_KINDS, type EventKind, PLURAL } from '../../domain/event_kinds.ts';
import { minutesName } from '../../domain/names.ts';
import { DAY_MS, dayOf, MINUTE_MS } from '../../domain/time.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { connectHive } from '../../infra/clients/hive.ts';
import { readConfig } from '../../infra/config.ts';
import { createLog } from '../../infra/log.ts';
import { SQL_DIR, sql } from '../../infra/sql.ts';
import { analystSql, clickledger, clickledgerJson, hiveRows, searchRest } from '../support/client.ts';
import { keepArchiving } from '../support/kill.ts';
import { sampleRandom } from '../support/sample.ts';
import { secondPlatform } from '../support/started.ts';
import { eventually } from '../support/wait.ts';

/** Impressions, clicks and conversions of one log, each counted on its own way, against a count made here. */
const LIMIT_MS = 300_000;
const DAY_START = Date.UTC(2020, 8, 9);
const [DAY, NEXT] = [dayOf(DAY_START), dayOf(DAY_START + DAY_MS)];
const EVENTS: Record<EventKind, number> = { click: 200, impression: 2_000, conversion: 30 };
const PREFIX: Record<EventKind, string> = {
  click: '[AdClickEvent]',
  impression: '[AdImpressionEvent]',
  conversion: '[AdConversionEvent]',
};

interface Event {
  event: EventKind;
  ad: string;
  at: number;
  user: string;
  ip: string;
  country: string;
  id: string;
}

const next = sampleRandom(26);
const pick = (n: number): number => Math.floor(next() * n);
/** Ids are the same for all kinds: what is a copy is one within its kind only. */
const events: Event[] = EVENT_KINDS.flatMap((event) =>
  Array.from({ length: EVENTS[event] }, (_, n) => ({
    event,
    ad: `ad${pick(7)}`,
    at: DAY_START + pick(DAY_MS),
    user: `user ${pick(50)}`,
    ip: `10.3.0.${pick(256)}`,
    country: ['USA', 'DEU'][pick(2)] as string,
    id: `id-${n}`,
  })),
);

const textOf = ({ event, ad, at, user, ip, country, id }: Event): string =>
  `${PREFIX[event]} ${ad}, ${new Date(at).toISOString().replace('T', ' ').slice(0, -1)}, ${user}, ${ip}, ${country}, ${id}`;
const jsonOf = ({ event, ad, at, user, ip, country, id }: Event): string =>
  JSON.stringify({ event, ad_id: ad, time: at, user_id: user, ip, country, id });

type Counts = Record<string, number>;
const keyOf = (ad: string, minuteMs: number, country: string): string => `${ad} ${minuteMs} ${country}`;
function expected(event: EventKind): Counts {
  const counts: Counts = {};
  for (const { ad, at, country } of events.filter((one) => one.event === event)) {
    const key = keyOf(ad, at - (at % MINUTE_MS), country);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

const env = await secondPlatform();

/** By ad, minute and country, as analysts see it. */
async function countedInClickHouse(event: EventKind): Promise<Counts> {
  const time = event === 'click' ? 'click_minute' : 'minute';
  const rows = await analystSql<{ ad_id: string; ms: number; country: string; n: string }>(
    env,
    `SELECT ad_id, toUnixTimestamp(${time}) * 1000 AS ms, country, toString(${PLURAL[event]}) AS n FROM ads.${PLURAL[event]}_per_minute`,
  );
  return Object.fromEntries(rows.map(({ ad_id, ms, country, n }) => [keyOf(ad_id, Number(ms), country), Number(n)]));
}

async function countedInSearch(event: EventKind): Promise<number> {
  const { aggregations } = await searchRest<{ aggregations: { sum: { value: number } } }>(
    env,
    `/${minutesName(event)}/_search?ignore_unavailable=true`,
    { size: 0, aggs: { sum: { sum: { field: 'clicks' } } } },
  );
  return aggregations?.sum.value ?? 0;
}

test('each kind is counted once in real time, whatever the form of its lines and however often they are sent', {
  timeout: LIMIT_MS,
}, async () => {
  const lines = events.flatMap((event, n) => {
    const line = n % 2 === 0 ? textOf(event) : jsonOf(event);
    // One in ten comes again, in the other form.
    return n % 10 === 0 ? [line, n % 2 === 0 ? jsonOf(event) : textOf(event)] : [line];
  });
  appendFileSync(
    join(env.DATA_DIR ?? '', 'logs', 'kinds.log'),
    [...lines, '[AdSomethingEvent] a', '{"event": "view"}', ''].join('\n'),
  );
  for (const event of EVENT_KINDS) {
    await eventually(
      `every ${event} is in ClickHouse`,
      async () => sumOf(await countedInClickHouse(event)) >= EVENTS[event],
      60_000,
    );
    expect(await countedInClickHouse(event), event).toEqual(expected(event));
    await eventually(`every ${event} is indexed`, async () => (await countedInSearch(event)) === EVENTS[event], 60_000);
  }
});

test('analysts see all kinds side by side', async () => {
  const [sums] = await analystSql<Record<string, string>>(
    env,
    `SELECT toString(sum(impressions)) AS impression, toString(sum(clicks)) AS click, toString(sum(conversions)) AS conversion
     FROM ads.performance_per_minute`,
  );
  expect(sums).toEqual({ impression: '2000', click: '200', conversion: '30' });
  const raw = await analystSql(env, 'SELECT event_id, ad_id, event_timestamp FROM ads.impressions LIMIT 1');
  expect(raw).toHaveLength(1);
});

test('each kind has a run of its own, with its own ledger and its own files', { timeout: LIMIT_MS }, async () => {
  const { runs, failed } = await clickledgerJson<{ runs: { run: number; clicks: number }[]; failed: unknown[] }>(
    env,
    'rebuild',
    ...['--from', DAY, '--to', NEXT, '--reason', 'test'],
  );
  expect(failed).toEqual([]);
  expect(runs.map(({ run, clicks }) => [run, clicks])).toEqual(EVENT_KINDS.map((event) => [1, EVENTS[event]]));
  const recorded = await analystSql<{ event: string; events: string }>(
    env,
    'SELECT event, toString(events) AS events FROM ads.all_runs ORDER BY event',
  );
  expect(recorded).toEqual([...EVENT_KINDS].sort().map((event) => ({ event, events: String(EVENTS[event]) })));
  for (const event of EVENT_KINDS) {
    expect(await countedInClickHouse(event), event).toEqual(expected(event));
    const database = event === 'click' ? 'ads' : `ads_${PLURAL[event]}`;
    const [hive] = await hiveRows(
      env,
      `SELECT CAST(sum(clicks) AS STRING) AS n FROM ${database}.clicks_per_minute WHERE dt = '${DAY}'`,
    );
    expect(hive, event).toEqual({ n: String(EVENTS[event]) });
  }
  const inHive = await hiveRows(
    env,
    `SELECT CAST(sum(impressions) AS STRING) AS impression, CAST(sum(clicks) AS STRING) AS click,
            CAST(sum(conversions) AS STRING) AS conversion FROM ads.performance_per_minute WHERE dt = '${DAY}'`,
  );
  expect(inHive).toEqual([{ impression: '2000', click: '200', conversion: '30' }]);
  const [raw] = await hiveRows(env, `SELECT CAST(count(*) AS STRING) AS n FROM ads.impressions WHERE dt = '${DAY}'`);
  expect(raw).toEqual({ n: '2200' });
});

interface Pair {
  impressions: number;
  clicks: number;
}
const pairOf = (chosen: Event[]): Pair => ({
  impressions: chosen.filter(({ event }) => event === 'impression').length,
  clicks: chosen.filter(({ event }) => event === 'click').length,
});
const ctr = ({ impressions, clicks }: Pair): number | null => (impressions === 0 ? null : clicks / impressions);
const ofAd = (ad: string): Event[] => events.filter((one) => ad === '' || one.ad === ad);

function byHour(ad: string) {
  return Array.from({ length: 24 }, (_, hour) => {
    const pair = pairOf(ofAd(ad).filter(({ at }) => new Date(at).getUTCHours() === hour));
    return [hour, pair.impressions, pair.clicks, ctr(pair)];
  });
}
function byCountry(ad: string) {
  const pairs = ['DEU', 'USA'].map((country) => ({
    country,
    ...pairOf(ofAd(ad).filter((one) => one.country === country)),
  }));
  pairs.sort((a, b) => b.impressions - a.impressions);
  return pairs.map((pair) => [pair.country, pair.impressions, pair.clicks, ctr(pair)]);
}
/** All events are of one of the two periods. */
function movers(isBefore: boolean, n: number) {
  const ads = [...new Set(events.map(({ ad }) => ad))].map((ad) => ({ ad, ...pairOf(ofAd(ad)) }));
  ads.sort((a, b) => b.clicks - a.clicks || (a.ad < b.ad ? -1 : 1));
  return ads.slice(0, n).map((one) => {
    const { ad, clicks } = one;
    return isBefore ? [ad, clicks, 0, -clicks, -1, ctr(one), null] : [ad, 0, clicks, clicks, null, null, ctr(one)];
  });
}
const PAST = dayOf(DAY_START - DAY_MS);
const ANALYSTS: [file: string, values: Record<string, string | number>, truth: unknown[][]][] = [
  ['ctr_by_hour_of_day.sql', { ad: '', from: DAY, to: NEXT }, byHour('')],
  ['ctr_by_hour_of_day.sql', { ad: 'ad3', from: DAY, to: NEXT }, byHour('ad3')],
  ['ctr_by_country.sql', { ad: '', from: PAST, to: NEXT }, byCountry('')],
  ['ctr_by_country.sql', { ad: 'ad3', from: DAY, to: NEXT }, byCountry('ad3')],
  ['top_movers.sql', { from: DAY, to: NEXT, before_from: PAST, before_to: DAY, n: 3 }, movers(false, 3)],
  ['top_movers.sql', { from: PAST, to: DAY, before_from: DAY, before_to: NEXT, n: 9 }, movers(true, 9)],
];
const normal = (value: unknown): unknown => {
  const number = typeof value === 'string' && /^-?[\d.]+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' ? Number(number.toFixed(9)) : number;
};
const inOrder = (rows: unknown[][]): unknown[][] => rows.map((row) => row.map(normal));
const valuesOf = (row: Record<string, unknown>): unknown[] => Object.values(row);

test.each(ANALYSTS)('%s %j in ClickHouse and Hive', { timeout: LIMIT_MS }, async (file, values, truth) => {
  expect(truth.length).toBeGreaterThan(0);
  const inClickHouse = await analystSql<Record<string, unknown>>(env, sql(`clickhouse/analysts/${file}`), values);
  expect(inOrder(inClickHouse.map(valuesOf))).toEqual(inOrder(truth));
  const log = createLog('analysts-test');
  log.level = 'silent';
  const hive = await connectHive(engineUrls(readConfig(env)).hive, log);
  for (const [name, value] of Object.entries(values)) await hive.execute(`SET hivevar:${name}=${value}`);
  const inHive = await hive.rows<Record<string, unknown>>(sql(`hive/analysts/${file}`).replace(/;\s*$/, ''));
  await hive.close();
  expect(inOrder(inHive.map(valuesOf))).toEqual(inOrder(truth));
});

test.each(['clickhouse/analysts', 'hive/analysts'])('every query in %s is tested here', (folder) => {
  const files = readdirSync(join(SQL_DIR, folder));
  expect(files.sort()).toEqual([...new Set(ANALYSTS.map(([file]) => file))].sort());
  for (const file of files) expect(sql(`${folder}/${file}`)).toMatch(/^-- .*\n(--.*\n)+SELECT/);
});

test('nothing is lost between the stages of any kind', { timeout: LIMIT_MS }, async () => {
  const status = async () => clickledgerJson<Status>(env, 'status');
  await eventually(
    'conservation holds for every kind',
    async () => (await status()).conservation.every(({ ok }) => ok),
    60_000,
    1_000,
  );
  const { stages, days } = await status();
  for (const event of EVENT_KINDS) {
    const archived = stages.find((stage) => stage.event === event && stage.name === 'archive');
    expect(archived?.out, event).toBeGreaterThanOrEqual(EVENTS[event]);
    expect(days.find((day) => day.event === event && day.date === DAY)).toMatchObject({ state: 'final', run: 1 });
  }
});

test('annotations of each kind are in the views of ClickHouse and of Hive', { timeout: LIMIT_MS }, async () => {
  const value = 'a "quoted" \\ value, with comma';
  const table = (event: EventKind): string => `ads.${PLURAL[event]}`;
  const stored: [EventKind, string][] = [];
  for (const event of EVENT_KINDS) {
    // Until the monitor has seen that every reader of the kind reads annotations, it sends events without them.
    let sent = 0;
    const id = await eventually(
      `an annotated ${event}`,
      async () => {
        sent += 1;
        const noted = `ua="${value.replace(/["\\]/g, '\\$&')}", click_id="c-${sent}"`;
        const line = `${PREFIX[event]} noted, ${NEXT} 00:00:00, u, ::1, USA, noted-${sent}, ${noted}`;
        appendFileSync(join(env.DATA_DIR ?? '', 'logs', 'kinds.log'), `${line}\n`);
        const found = await analystSql<{ id: string; annotations: Record<string, string> }>(
          env,
          `SELECT event_id AS id, annotations FROM ${table(event)} WHERE ad_id = 'noted' AND notEmpty(annotations) LIMIT 1`,
        );
        if (found[0] === undefined) return false;
        expect(found[0].annotations).toEqual({ ua: value, click_id: `c-${found[0].id.slice('noted-'.length)}` });
        return found[0].id;
      },
      60_000,
      1_000,
    );
    stored.push([event, id]);
  }
  for (const [event, id] of stored) {
    const archiving = await keepArchiving(readConfig(env), event);
    const rows = await eventually(
      `${event} ${id} in Hive`,
      async () => {
        const where = `WHERE dt = '${NEXT}' AND event_id = '${id}'`;
        const found = await hiveRows(env, `SELECT annotations FROM ${table(event)} ${where}`);
        return found.length > 0 && found;
      },
      60_000,
      1_000,
    ).finally(() => archiving.stop());
    expect(rows).toEqual([{ annotations: { ua: value, click_id: `c-${id.slice('noted-'.length)}` } }]);
  }
});

test('a role that is set to other kinds than the platform does not start', async () => {
  const { code, stderr, stdout } = await clickledger({ ...env, EVENT_KINDS: 'click' }, 'run', 'publisher');
  expect(code).toBe(1);
  expect(stderr + stdout).toContain(
    'EVENT_KINDS: this role is set to click, and on record is click,impression,conversion',
  );
});

const sumOf = (counts: Counts): number => Object.values(counts).reduce((sum, n) => sum + n, 0);
