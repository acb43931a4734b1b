import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventsIn } from '../batch/run/ledger_row.ts';
import { DAYS_ID, stateIndexOf } from '../domain/names.ts';
import { DAY_MS, dayOf } from '../domain/time.ts';
import { createElasticsearch } from '../infra/clients/elasticsearch.ts';
import { engineUrls, kafkaAddress } from '../infra/clients/engines.ts';
import { readConfig } from '../infra/config.ts';
import { openFindings } from '../infra/register/findings.ts';
import { highestFormat, requireKnownFormat } from '../infra/register/formats.ts';
import { openRegister } from '../infra/register/open.ts';
import { type Fact, lineOf, perMinute } from '../prove/oracle.ts';
import { BIN, type Platform, platformEnv, startPlatform } from '../prove/platform.ts';
import { daysDoc } from '../serving/documents/days.ts';
import { boundaryId, partitionDoc, readStateDoc } from '../serving/documents/state.ts';
import { BRIEF_JVMS } from './support/brief_jvms.ts';
import { type ApiCount, analystSql, askApi, clickledgerJson, count, type PopularAnswer } from './support/client.ts';
import { startLoginFront } from './support/login_front.ts';
import { releaseCheckout } from './support/release.ts';
import { sampleRandom } from './support/sample.ts';
import { eventually } from './support/wait.ts';

/** Counts of release 0.1.0 are kept when the current code is started on its DATA_DIR. */
const folder = mkdtempSync(join(tmpdir(), 'clickledger-upgrade-'));
const LIMIT_MS = 600_000;
/** Duplicates sent much later are still recognised, however slow the machine. */
const SETTINGS = { HOST_ID: 'upgrade', ALLOWED_LATENESS: '2s', DEDUPE_WINDOW: '1h' };
const CLICKS = 10_000;
const [PUBLISHED, OPEN, BY_BOTH] = [Date.UTC(2021, 2, 3), Date.UTC(2021, 2, 4), Date.UTC(2021, 2, 5)];
const COUNTRIES = ['USA', 'DEU', 'FRA'];

const next = sampleRandom(22);
const pick = (n: number): number => Math.floor(next() * n);
const makeFacts = (clicks: number, prefix: string): Fact[] =>
  Array.from({ length: clicks }, (_, n) => ({
    ad: `ad${String(pick(40)).padStart(3, '0')}`,
    at: (n % 2 === 0 ? PUBLISHED : OPEN) + pick(DAY_MS),
    user: `user ${pick(500)}`,
    ip: `10.2.${pick(256)}.${pick(256)}`,
    country: COUNTRIES[n % COUNTRIES.length] as string,
    id: n % 3 === 0 ? null : `${prefix}-${n}`,
  }));

const facts = makeFacts(CLICKS, 'before');
const ads = [...new Set(facts.map(({ ad }) => ad))].sort();
let env: Record<string, string>;
let platform: Platform | undefined;
let olderMonitor: ChildProcess | undefined;
let front: Awaited<ReturnType<typeof startLoginFront>> | undefined;
let release: string;
let before: Awaited<ReturnType<typeof whatIsAnswered>>;

function append(lines: Fact[], dataDir = folder): void {
  appendFileSync(join(dataDir, 'logs', 'web.log'), lines.map((fact) => `${lineOf(fact)}\n`).join(''));
}

const counted = (): Promise<{ clicks: string }[]> =>
  analystSql<{ clicks: string }>(env, 'SELECT toString(sum(clicks)) AS clicks FROM ads.clicks_per_minute');
const allCounted = (clicks: number): Promise<boolean> =>
  eventually(`${clicks} clicks are counted`, async () => Number((await counted())[0]?.clicks) === clicks, 180_000, 500);

/** Counts of every ad and day with their runs, top ads, and the ledger. */
async function whatIsAnswered(clickledger: string) {
  const counts: Record<string, [clicks: number, status: string, runs: unknown]> = {};
  for (const ad of ads) {
    for (const day of [PUBLISHED, OPEN]) {
      const { count: clicks, receipt } = await count(env, ad, day, day + DAY_MS);
      counts[`${ad} ${dayOf(day)}`] = [clicks, receipt.status, receipt.batch.runs];
    }
  }
  const popular = await askApi<PopularAnswer>(env, `/v1/ads/popular_ads?count=50&window=2880&at=${OPEN + DAY_MS}`);
  const { runs } = await clickledgerJson<{ runs: object[] }>({ ...env, CLICKLEDGER_BIN: clickledger }, 'runs');
  // What releases before there were other kinds than clicks, and annotations, did not say.
  const asBefore = runs.map((run) => ({ ...run, event: 'click', annotation_conflicts: 0 }));
  return { counts, popular: popular.ads, runs: asBefore };
}

beforeAll(async () => {
  release = join(await releaseCheckout('0.1.0'), 'cli/clickledger.mjs');
  env = await platformEnv(folder, { NIGHTLY_CRON: '0 0 1 1 *', ...SETTINGS, ...BRIEF_JVMS });
  platform = await startPlatform(env, { launcher: release, readyLine: /^ready http/m });
  append(facts);
  await allCounted(CLICKS);
  const day = ['--from', dayOf(PUBLISHED), '--to', dayOf(OPEN)];
  await clickledgerJson({ ...env, CLICKLEDGER_BIN: release }, 'rebuild', ...day, '--reason', 'before the upgrade');
  before = await whatIsAnswered(release);
  await platform.stop();
  platform = await startPlatform(env);
}, LIMIT_MS);
afterAll(async () => {
  olderMonitor?.kill('SIGKILL');
  front?.close();
  await platform?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('the same counts and the same runs', { timeout: LIMIT_MS }, async () => {
  expect(before.runs).toMatchObject([{ date: dayOf(PUBLISHED), run: 1, clicks: CLICKS / 2 }]);
  const { counts } = before;
  const truth = perMinute(facts.map((fact) => ({ ...fact, country: '', at: fact.at - (fact.at % DAY_MS) })));
  for (const [key, clicks] of truth) {
    const [ad, day] = key.split('|');
    expect(counts[`${ad} ${dayOf(Number(day))}`]?.[0], key).toBe(clicks);
  }
  expect(await whatIsAnswered(BIN)).toEqual(before);
  // The ledger of a release without a register is taken over.
  const events = await eventually('the events in the register', async () => {
    const found = await eventsIn(openRegister(readConfig(env)), dayOf(PUBLISHED));
    return found.length > 0 && found;
  });
  expect(events.map(({ run, state }) => [run, state])).toEqual([
    [1, 'counting'],
    [1, 'published'],
  ]);
});

test('what the indexer had applied goes on, and announcements get versions, which is on record', {
  timeout: LIMIT_MS,
}, async () => {
  const config = readConfig(env);
  const elasticsearch = createElasticsearch(engineUrls(config).elasticsearch);
  const state = await eventually('an announcement with a version', async () => {
    const doc = await readStateDoc(elasticsearch, partitionDoc, stateIndexOf('click'), boundaryId(0));
    return doc?.version !== undefined && doc;
  });
  const days = await readStateDoc(elasticsearch, daysDoc, stateIndexOf('click'), DAYS_ID);
  await elasticsearch.close();
  expect(state.next_offset).toBeGreaterThan(0);
  expect([state.unseen, days?.unseen_before]).toEqual([undefined, undefined]);
  expect(days?.held.map(({ day }) => day)).toContain(dayOf(OPEN));
  const register = openRegister(config);
  expect(await openFindings(register)).toEqual([]);
  expect(await highestFormat(register)).toBe(2);
  // As a release that does not know the format.
  await expect(requireKnownFormat(register, 1)).rejects.toThrow('start a newer release');
});

test('it continues: later clicks are counted, a click sent again is not, and the next run has all of them', {
  timeout: LIMIT_MS,
}, async () => {
  const later = makeFacts(1_000, 'after');
  const again = facts.filter(({ id }) => id !== null).slice(0, 200);
  append([...later, ...again]);
  const onDay = (of: Fact[], day: number): number => of.filter(({ at }) => at >= day && at < day + DAY_MS).length;
  // Those of the published day are late, and wait for its next run.
  await allCounted(CLICKS + onDay(later, OPEN));
  await clickledgerJson(
    env,
    'rebuild',
    '--from',
    dayOf(PUBLISHED),
    '--to',
    dayOf(OPEN + DAY_MS),
    '--reason',
    'after the upgrade',
  );
  const { runs } = await clickledgerJson<{ runs: { date: string; run: number; clicks: number }[] }>(env, 'runs');
  expect(runs.map(({ date, run, clicks }) => [date, run, clicks])).toEqual([
    [dayOf(PUBLISHED), 1, CLICKS / 2],
    [dayOf(PUBLISHED), 2, CLICKS / 2 + onDay(later, PUBLISHED)],
    [dayOf(OPEN), 1, CLICKS / 2 + onDay(later, OPEN)],
  ]);
  const [answer] = ads.slice(0, 1).map((ad): Promise<ApiCount> => count(env, ad, PUBLISHED, OPEN));
  expect((await answer)?.count).toBe(
    onDay(
      [...facts, ...later].filter(({ ad }) => ad === ads[0]),
      PUBLISHED,
    ),
  );
});

test('log monitors of both releases send to one topic: nothing is rejected, and what both send is counted once', {
  timeout: LIMIT_MS,
}, async () => {
  const older = join(folder, 'older');
  mkdirSync(join(older, 'logs'), { recursive: true });
  const { ports, dataDir } = readConfig(env);
  const { sasl } = kafkaAddress(readConfig(env));
  if (sasl === null) throw new Error(`no password in ${dataDir}`);
  front = await startLoginFront(ports.kafka, sasl);
  olderMonitor = spawn(process.execPath, [release, 'run', 'ingest'], {
    env: {
      ...process.env,
      ...env,
      DATA_DIR: older,
      HOST_ID: 'older',
      // It knows no SASL.
      KAFKA_BROKERS: front.broker,
      // The supervisor of the platform gives its roles another.
      CLICKLEDGER_SUPERVISED: '1',
    },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const onThatDay = (made: Fact[]): Fact[] => made.map((fact) => ({ ...fact, at: BY_BOTH + (fact.at % DAY_MS) }));
  const [byOlder, byToday] = [onThatDay(makeFacts(600, 'older')), onThatDay(makeFacts(600, 'today'))];
  const byBoth = onThatDay(makeFacts(300, 'both')).map((fact, n) => ({ ...fact, id: `both-${n}` }));
  append([...byOlder, ...byBoth], older);
  append([...byToday, ...byBoth]);

  const all = [...byOlder, ...byToday, ...byBoth];
  const byAd = (made: Fact[]) =>
    Object.fromEntries(ads.map((ad) => [ad, made.filter((fact) => fact.ad === ad).length]).filter(([, n]) => n !== 0));
  const sql = `SELECT ad_id, toString(sum(clicks)) AS clicks FROM ads.clicks_per_minute
    WHERE click_minute >= toDateTime(${BY_BOTH / 1000}) AND click_minute < toDateTime(${(BY_BOTH + DAY_MS) / 1000}) GROUP BY ad_id`;
  const stages = async () =>
    (
      await clickledgerJson<{ stages: { name: string; event: string; rejected: number; duplicates: number }[] }>(
        env,
        'status',
      )
    ).stages;
  // The copies are as many as there should be: nothing is still on its way.
  const copies = facts.filter(({ id }) => id !== null).slice(0, 200).length + byBoth.length;
  const counts = await eventually(
    'all clicks of both monitors',
    async () => {
      const realtime = (await stages()).find(({ name, event }) => name === 'realtime' && event === 'click');
      const rows = await analystSql<{ ad_id: string; clicks: string }>(env, sql);
      const clicks = rows.reduce((sum, row) => sum + Number(row.clicks), 0);
      if (clicks >= all.length && realtime?.duplicates === copies) return rows;
      throw new Error(`${clicks} of ${all.length} clicks, ${realtime?.duplicates} of ${copies} copies`);
    },
    120_000,
    500,
  );
  expect(Object.fromEntries(counts.map((row) => [row.ad_id, Number(row.clicks)]))).toEqual(byAd(all));
  expect((await stages()).filter(({ rejected }) => rejected > 0)).toEqual([]);
});
