import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readStatus } from '../audit/status.ts';
import { DAY_MS, dayOf } from '../domain/time.ts';
import { readConfig } from '../infra/config.ts';
import { openFindings } from '../infra/register/findings.ts';
import { openRegister } from '../infra/register/open.ts';
import { RESTORE_FAILPOINTS } from '../prove/failpoints/failpoints.ts';
import { withFailpoints } from '../prove/failpoints/orders.ts';
import { type Fact, lineOf } from '../prove/oracle.ts';
import { BIN, type Platform, platformEnv, startPlatform } from '../prove/platform.ts';
import { BRIEF_JVMS } from './support/brief_jvms.ts';
import {
  analystSql,
  askApi,
  clickledger,
  clickledgerJson,
  count,
  hiveRows,
  type PopularAnswer,
} from './support/client.ts';
import { keepArchiving } from './support/kill.ts';
import { eventually } from './support/wait.ts';

/** A ClickHouse whose folder was emptied is brought back, killed at each of its points on the way. */
const LIMIT_MS = 600_000;
const folder = mkdtempSync(join(tmpdir(), 'clickledger-restore-'));
/** So short that the raw clicks of a published day are not needed before the sink counts on. */
const SETTINGS = { HOST_ID: 'restore', ALLOWED_LATENESS: '2s', DEDUPE_WINDOW: '4s', NIGHTLY_CRON: '0 0 1 1 *' };
const [TWICE, ONCE, BACK, OPEN] = [0, 1, 2, 3].map((n) => Date.UTC(2024, 5, 10 + n)) as [
  number,
  number,
  number,
  number,
];
const DAYS = [TWICE, ONCE, BACK, OPEN];
const ADS = ['shoes', 'hats', 'boats'];
const COUNTRIES = ['USA', 'DEU', 'FRA'];
const FILTER = 7;
const written: Fact[] = [];
let env: Record<string, string>;
let platform: Platform | undefined;

/** Different clicks of a day; every fifth is sent twice, one line after the other. */
function write(dayMs: number, clicks: number, prefix: string): void {
  const facts = Array.from(
    { length: clicks },
    (_, n): Fact => ({
      ad: ADS[n % 3] as string,
      at: dayMs + ((n * 7_919_000) % DAY_MS),
      user: `user ${n % 40}`,
      ip: `10.3.${n % 3}.${n % 250}`,
      country: COUNTRIES[(n * 7) % 3] as string,
      id: `${prefix}-${n}`,
    }),
  );
  const lines = facts.flatMap((fact, n) => (n % 5 === 0 ? [lineOf(fact), lineOf(fact)] : [lineOf(fact)]));
  appendFileSync(join(folder, 'logs', 'web.log'), `${lines.join('\n')}\n`);
  written.push(...facts);
}

const truth = (dayMs: number, ad: string, countries = COUNTRIES): number =>
  written.filter(
    (one) => one.ad === ad && one.at >= dayMs && one.at < dayMs + DAY_MS && countries.includes(one.country),
  ).length;

const counted = async (): Promise<number> =>
  Number((await analystSql<{ n: string }>(env, 'SELECT toString(count()) AS n FROM ads.clicks'))[0]?.n);
const allCounted = (): Promise<boolean> =>
  eventually('all is counted', async () => (await counted()) === written.length, 120_000, 250);

const rebuild = (dayMs: number) =>
  clickledgerJson(env, 'rebuild', '--from', dayOf(dayMs), '--to', dayOf(dayMs + DAY_MS), '--reason', 'test');

/** Every answer about the days. Where it comes from, and what is said of freshness, may differ. */
async function answers() {
  const counts: Record<string, unknown> = {};
  for (const dayMs of DAYS) {
    for (const ad of ADS) {
      for (const more of ['', `&filter=${FILTER}`, '&ip=10.3.1.0/24']) {
        const { count: clicks, receipt } = await count(env, ad, dayMs, dayMs + DAY_MS, more);
        const { late, status } = receipt;
        counts[`${dayOf(dayMs)} ${ad} ${more}`] = { clicks, status, runs: receipt.batch.runs, late };
      }
    }
  }
  const asOf = await count(env, 'shoes', TWICE, TWICE + DAY_MS, `&as_of=${encodeURIComponent(betweenRuns)}`);
  const { ads } = await askApi<PopularAnswer>(env, `/v1/ads/popular_ads?count=3&window=5760&at=${OPEN + DAY_MS}`);
  const { runs } = await clickledgerJson<{ runs: object[] }>(env, 'runs');
  const sessions = await askApi<{ total: number; clicks: number }>(
    env,
    `/v1/ads/hats/sessions?from=${ONCE}&to=${ONCE + DAY_MS}&gap=1800`,
  );
  return { counts, asOf: asOf.count, ads, runs, sessions: [sessions.total, sessions.clicks] };
}

let betweenRuns = '';
let before: Awaited<ReturnType<typeof answers>>;

beforeAll(async () => {
  env = await platformEnv(folder, {
    ...SETTINGS,
    ...BRIEF_JVMS,
    ...withFailpoints(folder),
    EVENT_KINDS: 'click',
    CLICKLEDGER_TIMINGS: 'short',
  });
  platform = await startPlatform(env);
  const archiving = await keepArchiving(readConfig(env));
  await fetch(`http://127.0.0.1:${env.API_PORT}/v1/filters/${FILTER}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Germans', where: { country: ['DEU'] } }),
  });
  for (const dayMs of [TWICE, ONCE, BACK]) write(dayMs, 300, `first-${dayMs}`);
  await allCounted();
  for (const dayMs of [TWICE, ONCE, BACK]) await rebuild(dayMs);
  betweenRuns = new Date().toISOString();
  write(TWICE, 60, 'second');
  await allCounted();
  await rebuild(TWICE);
  await clickledgerJson(env, 'rollback', '--date', dayOf(BACK), '--run', '1', '--reason', 'test');
  write(TWICE, 30, 'late');
  write(OPEN, 200, 'open');
  await allCounted();
  await archiving.stop();
  // Counted, and only in Kafka.
  write(OPEN, 50, 'not-archived');
  await allCounted();
  before = await answers();
}, LIMIT_MS);

afterAll(async () => {
  await platform?.stop();
  if (process.env.KEEP_TEST_DATA) process.stdout.write(`kept ${folder}\n`);
  else rmSync(folder, { recursive: true, force: true });
}, LIMIT_MS);

test('the answers before are those of the clicks that were written', () => {
  for (const dayMs of DAYS) {
    for (const ad of ADS) {
      // The third run's day has clicks that came after it.
      const late = dayMs === TWICE ? truth(dayMs, ad) - 10 : truth(dayMs, ad);
      expect(before.counts[`${dayOf(dayMs)} ${ad} `]).toMatchObject({ clicks: late });
    }
  }
});

/** Starts a restore; with an event it kills (or stops) itself there. */
function restoring(event?: string, signal = 'SIGKILL'): { child: ChildProcess; ended: Promise<string>; order: string } {
  const order = join(folder, 'kill-orders', 'restore.json');
  if (event !== undefined) writeFileSync(order, JSON.stringify({ event, signal }));
  const child = spawn(process.execPath, [BIN, 'restore', '--json'], { env: { ...process.env, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const ended = new Promise<string>((resolve) =>
    child.once('close', (code, by) => resolve(`${by ?? code}\n${output}`)),
  );
  return { child, ended, order };
}

const problemOf = async (path: string): Promise<{ status: number; body: { detail?: string; known?: unknown } }> => {
  const response = await fetch(`http://127.0.0.1:${env.API_PORT}${path}`);
  return { status: response.status, body: (await response.json()) as { detail?: string; known?: unknown } };
};
const dayPath = (dayMs: number): string => `/v1/ads/shoes/aggregated_count?from=${dayMs}&to=${dayMs + DAY_MS}`;

test('a ClickHouse that nobody has found to be older is not emptied', { timeout: LIMIT_MS }, async () => {
  const { code, stderr } = await clickledger(env, 'restore', '--discard-clickhouse');
  expect(code).toBe(1);
  expect(stderr).toMatch(/no role has found ClickHouse to be an older copy .*nothing was emptied/);
  expect(await counted()).toBe(written.length);
});

test('an emptied ClickHouse is refused with the command that brings it back', { timeout: LIMIT_MS }, async () => {
  await platform?.stop();
  platform = undefined;
  rmSync(join(folder, 'engines', 'clickhouse', 'data'), { recursive: true });
  await expect(startPlatform(env)).rejects.toThrow(
    /is empty, and was not: "\.\/clickledger restore" brings back what it had/,
  );
  const survey = await clickledger(env, 'restore', '--dry-run');
  expect(survey).toMatchObject({ code: 0, stderr: '' });
  expect(survey.stdout).toMatch(/4 runs of 3 days, with 1260 clicks/);
});

test('until a day is back its answers are 503, and killed at each point it all comes back', {
  timeout: LIMIT_MS,
}, async () => {
  const points = Object.entries(RESTORE_FAILPOINTS);
  const [first, ...others] = points;
  expect(await restoring(first?.[1]).ended).toMatch(/^SIGKILL/);
  platform = await startPlatform(env, { launcher: BIN, readyLine: /^ready http/m });

  const seen = new Set<number>();
  for (const [point, event] of others) {
    const { ended, order } = restoring(event);
    const end = await ended;
    expect(end, point).toMatch(/^SIGKILL/);
    expect(existsSync(order), point).toBe(false);
    for (const dayMs of DAYS) {
      const { status, body } = await problemOf(dayPath(dayMs));
      seen.add(status);
      if (status === 503) expect(body.detail).toMatch(/^ClickHouse was lost, and .* are not back yet/);
      else
        expect([status, (body as { count?: number }).count]).toEqual([
          200,
          before.counts[`${dayOf(dayMs)} shoes `] &&
            (before.counts[`${dayOf(dayMs)} shoes `] as { clicks: number }).clicks,
        ]);
    }
    if (point === 'before the sink may count') {
      expect(await problemOf(dayPath(ONCE))).toMatchObject({
        status: 503,
        body: { known: { count: truth(ONCE, 'shoes') } },
      });
      expect((await problemOf('/v1/ads/popular_ads?count=3&window=60')).status).toBe(503);
      expect(
        (await clickledger(env, 'rebuild', '--from', dayOf(OPEN), '--to', dayOf(OPEN + DAY_MS), '--reason', 'x'))
          .stderr,
      ).toMatch(/ClickHouse was lost, and what it had is not back: "\.\/clickledger restore"/);
      expect(await counted()).toBeLessThan(written.length);
      // Kafka runs now, so it can say what the archive, which runs too, has not got yet.
      expect((await clickledger(env, 'restore', '--dry-run')).stdout).toMatch(/again from Kafka: \d+ messages/);
    }
  }
  expect([...seen].sort()).toEqual([200, 503]);
  const end = await restoring().ended;
  expect(end).toMatch(/^0\n/);
  expect(await openFindings(openRegister(readConfig(env)))).toEqual([]);
  expect(await answers()).toEqual(before);
});

test('it counts on, and copies of clicks from before are still copies', { timeout: LIMIT_MS }, async () => {
  write(OPEN, 40, 'after');
  write(Date.UTC(2024, 5, 20), 30, 'after-new-day');
  await allCounted();
  for (const ad of ADS) expect((await count(env, ad, OPEN, OPEN + DAY_MS)).count).toBe(truth(OPEN, ad));
  await eventually('the role nightly works', async () => (await rebuild(OPEN)) !== null, 60_000, 1_000);
  for (const ad of ADS) {
    const { count: clicks, receipt } = await count(env, ad, OPEN, OPEN + DAY_MS);
    expect([clicks, receipt.status]).toEqual([truth(OPEN, ad), 'final']);
  }
  await eventually(
    'conservation',
    async () => (await readStatus(readConfig(env))).conservation.every(({ ok }) => ok),
    60_000,
    1_000,
  );
});

test('an emptied Elasticsearch is gone on with, and every answer stays exact', { timeout: LIMIT_MS }, async () => {
  const exact = await answers();
  await platform?.stop();
  platform = undefined;
  rmSync(join(folder, 'engines', 'elasticsearch', 'data'), { recursive: true });
  await expect(startPlatform(env)).rejects.toThrow(/indexer did not start/);
  expect(readFileSync(join(folder, 'logs-roles', 'indexer.log'), 'utf8')).toMatch(
    /Elasticsearch has lost what group .* wrote to it .*: \\"\.\/clickledger restore\\" goes on with it/,
  );
  const { ended } = restoring();
  platform = await startPlatform(env, { launcher: BIN, readyLine: /^ready http/m });
  expect(await ended).toMatch(/^0\n[\s\S]*"elasticsearch":true/);
  expect(await answers()).toEqual(exact);
  const day = Date.UTC(2024, 5, 21);
  write(day, 30, 'after-elasticsearch');
  await allCounted();
  for (const ad of ADS) expect((await count(env, ad, day, day + DAY_MS)).count).toBe(truth(day, ad));
  expect(await openFindings(openRegister(readConfig(env)))).toEqual([]);
});

test('a Hive that lost its metastore knows every day and run again', { timeout: LIMIT_MS }, async () => {
  await platform?.stop();
  platform = undefined;
  rmSync(join(folder, 'engines', 'hive', 'metastore'), { recursive: true });
  platform = await startPlatform(env);
  const runsOf = (dayMs: number) =>
    hiveRows(
      env,
      `SELECT run, CAST(SUM(clicks) AS STRING) AS clicks FROM ads.clicks_per_minute_runs WHERE dt = '${dayOf(dayMs)}' GROUP BY run ORDER BY run`,
    );
  expect(await runsOf(TWICE)).toEqual([]);
  const [lost] = await openFindings(openRegister(readConfig(env)));
  expect([lost?.code, lost?.mend]).toEqual(['hive_lost', expect.stringContaining('"./clickledger restore"')]);
  expect(await restoring().ended).toMatch(/^0\n[\s\S]*"hive_runs":5/);
  expect(await openFindings(openRegister(readConfig(env)))).toEqual([]);
  expect(await runsOf(TWICE)).toEqual([
    { run: 1, clicks: '300' },
    { run: 2, clicks: '360' },
  ]);
  const [published] = await hiveRows(
    env,
    `SELECT CAST(SUM(clicks) AS STRING) AS clicks FROM ads.clicks_per_minute WHERE dt = '${dayOf(TWICE)}'`,
  );
  expect(published).toEqual({ clicks: '360' });
  // The role archive has added the days of the archive.
  await eventually('a run that Hive counts', async () => (await rebuild(TWICE)) !== null, 60_000, 2_000);
  for (const ad of ADS) expect((await count(env, ad, TWICE, TWICE + DAY_MS)).count).toBe(truth(TWICE, ad));
});
