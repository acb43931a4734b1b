import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readStatus } from '../audit/status.ts';
import { DAY_MS, dayOf } from '../domain/time.ts';
import { UNSEEN_CODE } from '../domain/unseen.ts';
import { readConfig } from '../infra/config.ts';
import { openFindings } from '../infra/register/findings.ts';
import { openRegister } from '../infra/register/open.ts';
import { readPlatformState } from '../infra/supervisor/state_file.ts';
import { ingestTotals } from '../ingest/checkpoint.ts';
import { KAFKA_RESTORE_FAILPOINTS } from '../prove/failpoints/failpoints.ts';
import { withFailpoints } from '../prove/failpoints/orders.ts';
import { type Fact, lineOf } from '../prove/oracle.ts';
import { BIN, type Platform, platformEnv, startPlatform } from '../prove/platform.ts';
import { BRIEF_JVMS } from './support/brief_jvms.ts';
import { analystSql, askApi, clickledger, clickledgerJson, count, type PopularAnswer } from './support/client.ts';
import { keepArchiving } from './support/kill.ts';
import { eventually } from './support/wait.ts';

/** Kafka is lost, with clicks that only it had; the restore is killed at each of its points. */
const LIMIT_MS = 900_000;
const folder = mkdtempSync(join(tmpdir(), 'clickledger-lost-'));
/** With a run, and without one. */
const [PAST, OPEN] = [Date.UTC(2024, 6, 10), Date.UTC(2024, 6, 11)];
const DAYS = [PAST, OPEN];
const ADS = ['shoes', 'hats', 'boats'];
const written: Fact[] = [];
let lines = 0;
let env: Record<string, string>;
let platform: Platform | undefined;

/** Different clicks of a day; every fifth is sent twice, and every third of the others has no id. */
function write(dayMs: number, clicks: number, prefix: string): void {
  const facts = Array.from(
    { length: clicks },
    (_, n): Fact => ({
      ad: ADS[n % 3] as string,
      at: dayMs + ((n * 7_919_000) % DAY_MS),
      user: `${prefix} ${n}`,
      ip: `10.3.${n % 3}.${n % 250}`,
      country: 'USA',
      id: n % 5 !== 0 && n % 3 === 1 ? null : `${prefix}-${n}`,
    }),
  );
  const all = facts.flatMap((fact, n) => (n % 5 === 0 ? [lineOf(fact), lineOf(fact)] : [lineOf(fact)]));
  appendFileSync(join(folder, 'logs', 'web.log'), all.map((line) => `${line}\n`).join(''));
  written.push(...facts);
  lines += all.length;
}

const truth = (dayMs: number, ad: string): number =>
  written.filter((one) => one.ad === ad && one.at >= dayMs && one.at < dayMs + DAY_MS).length;
const counted = async (): Promise<number> =>
  Number((await analystSql<{ n: string }>(env, 'SELECT toString(count()) AS n FROM ads.clicks'))[0]?.n);
const allCounted = (): Promise<boolean> =>
  eventually('all is counted', async () => (await counted()) === written.length, 120_000, 250);
const rebuild = (dayMs: number) =>
  clickledgerJson(env, 'rebuild', '--from', dayOf(dayMs), '--to', dayOf(dayMs + DAY_MS), '--reason', 'test');

/** Everything that is said of the days is what was written. */
async function expectExact(): Promise<void> {
  for (const dayMs of DAYS) {
    for (const ad of ADS) {
      for (const more of ['', '&ip=10.3.0.0/16']) {
        const { count: clicks } = await count(env, ad, dayMs, dayMs + DAY_MS, more);
        expect([dayOf(dayMs), ad, more, clicks]).toEqual([dayOf(dayMs), ad, more, truth(dayMs, ad)]);
      }
    }
  }
  const { ads } = await askApi<PopularAnswer>(env, `/v1/ads/popular_ads?count=3&window=2880&at=${OPEN + DAY_MS}`);
  expect(Object.fromEntries(ads.map(({ ad_id, count: clicks }) => [ad_id, clicks]))).toEqual(
    Object.fromEntries(ADS.map((ad) => [ad, DAYS.reduce((sum, dayMs) => sum + truth(dayMs, ad), 0)])),
  );
}

const findings = async (): Promise<string[]> =>
  (await openFindings(openRegister(readConfig(env)))).map(({ code }) => code).filter((code) => code !== UNSEEN_CODE);

/** Runs a restore; with an event it kills itself there. */
function restoring(event?: string): Promise<string> {
  if (event !== undefined)
    writeFileSync(join(folder, 'kill-orders', 'restore.json'), JSON.stringify({ event, signal: 'SIGKILL' }));
  const child = spawn(process.execPath, [BIN, 'restore', '--json'], { env: { ...process.env, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return new Promise((resolve) => child.once('close', (code, by) => resolve(`${by ?? code}\n${output}`)));
}

async function stopAndRemove(...names: string[]): Promise<void> {
  await platform?.stop();
  platform = undefined;
  for (const name of names) rmSync(join(folder, ...name.split('/')), { recursive: true });
}

beforeAll(async () => {
  env = await platformEnv(folder, {
    HOST_ID: 'lost',
    ALLOWED_LATENESS: '2s',
    // Copies of what was read again must not depend on it.
    DEDUPE_WINDOW: '4s',
    NIGHTLY_CRON: '0 0 1 1 *',
    ...BRIEF_JVMS,
    ...withFailpoints(folder),
    EVENT_KINDS: 'click',
    CLICKLEDGER_TIMINGS: 'short',
  });
  platform = await startPlatform(env);
  const archiving = await keepArchiving(readConfig(env));
  write(PAST, 200, 'past');
  write(OPEN, 150, 'open');
  await allCounted();
  await rebuild(PAST);
  await archiving.stop();
  // Counted, and not archived.
  write(OPEN, 40, 'not-archived');
  await allCounted();
}, LIMIT_MS);

afterAll(async () => {
  await platform?.stop();
  if (process.env.KEEP_TEST_DATA) process.stdout.write(`kept ${folder}\n`);
  else rmSync(folder, { recursive: true, force: true });
}, LIMIT_MS);

test('a lost Kafka is noticed, and the command that is named is killed at each of its points', {
  timeout: LIMIT_MS,
}, async () => {
  const pid = readPlatformState(folder)?.processes.find(({ name }) => name === 'realtime')?.pid;
  process.kill(Number(pid), 'SIGSTOP');
  write(OPEN, 60, 'only-in-kafka');
  await eventually('all is sent', async () => ingestTotals(folder).clicks === lines, 60_000, 100);
  await stopAndRemove('engines/kafka/data');
  await expect(startPlatform(env)).rejects.toThrow(/did not start/);
  expect(await openFindings(openRegister(readConfig(env)))).toContainEqual(
    expect.objectContaining({
      code: 'store_refused',
      what: expect.stringContaining('if that one is lost, "./clickledger restore" goes on with this one'),
      mend: expect.stringContaining('if it is lost, "./clickledger restore"'),
    }),
  );
  const survey = await clickledger(env, 'restore', '--dry-run');
  expect([survey.code, survey.stdout]).toEqual([0, expect.stringMatching(/^Kafka is lost\./)]);
  const [first, ...others] = Object.entries(KAFKA_RESTORE_FAILPOINTS);
  expect(await restoring(first?.[1])).toMatch(/^SIGKILL/);
  platform = await startPlatform(env, { launcher: BIN, readyLine: /^ready http/m });
  for (const [point, event] of others) {
    expect(await restoring(event), point).toMatch(/^SIGKILL/);
    expect(existsSync(join(folder, 'kill-orders', 'restore.json')), point).toBe(false);
    // Nothing is counted until it is clear what was.
    if (point === 'before lines are sent again') expect(await counted()).toBe(written.length - 60);
  }
  expect(await restoring()).toMatch(/^0\n/);
});

test('what was only in Kafka was read again, and nothing twice', { timeout: LIMIT_MS }, async () => {
  await allCounted();
  await expectExact();
  write(OPEN, 30, 'after-kafka');
  await allCounted();
  await expectExact();
  expect(await findings()).toEqual([]);
  const isBalanced = async () => (await readStatus(readConfig(env))).conservation.every(({ ok }) => ok);
  await eventually('conservation', isBalanced, 60_000, 1_000);
  // The archive has everything too: the night's count is the same.
  await rebuild(OPEN);
  await expectExact();
});
