import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readStatus } from '../../audit/status.ts';
import { DAY_MS, dayOf } from '../../domain/time.ts';
import { UNSEEN_CODE } from '../../domain/unseen.ts';
import { type Config, readConfig } from '../../infra/config.ts';
import { openFindings } from '../../infra/register/findings.ts';
import { openRegister } from '../../infra/register/open.ts';
import { readPlatformState } from '../../infra/supervisor/state_file.ts';
import { ingestTotals } from '../../ingest/checkpoint.ts';
import { withFailpoints } from '../../prove/failpoints/orders.ts';
import { type Fact, lineOf } from '../../prove/oracle.ts';
import { BIN, type Platform, platformEnv, startPlatform } from '../../prove/platform.ts';
import { BRIEF_JVMS } from './brief_jvms.ts';
import { analystSql, askApi, clickledgerJson, count, type PopularAnswer } from './client.ts';
import { eventually } from './wait.ts';

export const LOST_LIMIT_MS = 900_000;
export const ADS = ['shoes', 'hats', 'boats'] as const;
export const [KAFKA, CLICKHOUSE, ELASTICSEARCH, METASTORE] = [
  'engines/kafka/data',
  'engines/clickhouse/data',
  'engines/elasticsearch/data',
  'engines/hive/metastore',
] as const;

/** A platform of its own whose engines are lost; what is written to its log is known. */
export class LostSite {
  readonly folder = mkdtempSync(join(tmpdir(), 'clickledger-lost-'));
  written: Fact[] = [];
  env: Record<string, string> = {};
  readonly #days: readonly number[];
  #lines = 0;
  #platform: Platform | undefined;

  /** @param days of its clicks, one after the other */
  constructor(days: readonly number[]) {
    this.#days = days;
  }

  get config(): Config {
    return readConfig(this.env);
  }

  async begin(): Promise<void> {
    this.env = await platformEnv(this.folder, {
      HOST_ID: 'lost',
      ALLOWED_LATENESS: '2s',
      // Copies of what is read again must not depend on it.
      DEDUPE_WINDOW: '4s',
      NIGHTLY_CRON: '0 0 1 1 *',
      ...BRIEF_JVMS,
      ...withFailpoints(this.folder),
      EVENT_KINDS: 'click',
      CLICKLEDGER_TIMINGS: 'short',
    });
    this.#platform = await startPlatform(this.env);
  }

  /** Begins with clicks of a day that has a run, and of one that has none. */
  async beginCounted(pastMs: number, openMs: number): Promise<void> {
    await this.begin();
    this.write(pastMs, 120, 'past');
    this.write(openMs, 60, 'open');
    await this.allCounted();
    await this.rebuild(pastMs);
  }

  async end(): Promise<void> {
    await this.#platform?.stop();
    if (process.env.KEEP_TEST_DATA) process.stdout.write(`kept ${this.folder}\n`);
    else rmSync(this.folder, { recursive: true, force: true });
  }

  /** Different clicks of a day; every fifth is sent twice, and every third of the others has no id. */
  write(dayMs: number, clicks: number, prefix: string): void {
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
    mkdirSync(join(this.folder, 'logs'), { recursive: true });
    appendFileSync(join(this.folder, 'logs', 'web.log'), all.map((line) => `${line}\n`).join(''));
    this.written.push(...facts);
    this.#lines += all.length;
  }

  /** Nothing can bring them back. */
  forget(prefix: string): void {
    this.written = this.written.filter(({ user }) => !user.startsWith(`${prefix} `));
  }

  /** Clicks that reach Kafka, and nothing behind it. */
  async writeToKafkaOnly(dayMs: number, clicks: number, prefix: string): Promise<void> {
    const pid = readPlatformState(this.folder)?.processes.find(({ name }) => name === 'realtime')?.pid;
    process.kill(Number(pid), 'SIGSTOP');
    this.write(dayMs, clicks, prefix);
    await eventually('all is sent', async () => ingestTotals(this.folder).clicks === this.#lines, 60_000, 100);
  }

  truth(dayMs: number, ad: string): number {
    return this.written.filter((one) => one.ad === ad && one.at >= dayMs && one.at < dayMs + DAY_MS).length;
  }

  async counted(): Promise<number> {
    const [row] = await analystSql<{ n: string }>(this.env, 'SELECT toString(count()) AS n FROM ads.clicks');
    return Number(row?.n);
  }

  allCounted(): Promise<boolean> {
    const isCounted = async () => (await this.counted()) === this.written.length;
    return eventually(`${this.written.length} clicks are counted`, isCounted, 120_000, 250);
  }

  /** All clicks of a day are counted, where raw clicks of other days are not back. */
  dayCounted(dayMs: number): Promise<boolean> {
    const day = dayOf(dayMs);
    const query = `SELECT toString(count()) AS n FROM ads.clicks WHERE toDate(click_timestamp) = '${day}'`;
    const all = ADS.reduce((sum, ad) => sum + this.truth(dayMs, ad), 0);
    const isCounted = async () => Number((await analystSql<{ n: string }>(this.env, query))[0]?.n) === all;
    return eventually(`${all} clicks of ${day} are counted`, isCounted, 120_000, 250);
  }

  rebuild(dayMs: number): Promise<unknown> {
    const days = ['--from', dayOf(dayMs), '--to', dayOf(dayMs + DAY_MS)];
    return clickledgerJson(this.env, 'rebuild', ...days, '--reason', 'test');
  }

  /** Everything that is said of the days is what was written. */
  async expectExact(): Promise<void> {
    for (const dayMs of this.#days) {
      for (const ad of ADS) {
        for (const more of ['', '&ip=10.3.0.0/16']) {
          const { count: clicks } = await count(this.env, ad, dayMs, dayMs + DAY_MS, more);
          expect([dayOf(dayMs), ad, more, clicks]).toEqual([dayOf(dayMs), ad, more, this.truth(dayMs, ad)]);
        }
      }
    }
    const end = (this.#days.at(-1) as number) + DAY_MS;
    const popular = `/v1/ads/popular_ads?count=3&window=${this.#days.length * 1_440}&at=${end}`;
    const { ads } = await askApi<PopularAnswer>(this.env, popular);
    expect(Object.fromEntries(ads.map(({ ad_id, count: clicks }) => [ad_id, clicks]))).toEqual(
      Object.fromEntries(ADS.map((ad) => [ad, this.#days.reduce((sum, dayMs) => sum + this.truth(dayMs, ad), 0)])),
    );
  }

  /** What the API says of a day that may not be back. */
  async answerOf(dayMs: number, ad: string): Promise<{ status: number; known: number | undefined }> {
    const path = `/v1/ads/${ad}/aggregated_count?from=${dayMs}&to=${dayMs + DAY_MS}`;
    const response = await fetch(`http://127.0.0.1:${this.env.API_PORT}${path}`);
    const { known } = (await response.json()) as { known?: { count: number } };
    return { status: response.status, known: known?.count };
  }

  findings() {
    return openFindings(openRegister(this.config)).then((all) => all.filter(({ code }) => code !== UNSEEN_CODE));
  }

  isBalanced(): Promise<boolean> {
    const look = async () => (await readStatus(this.config)).conservation.every(({ ok }) => ok);
    return eventually('conservation', look, 60_000, 1_000);
  }

  async stopAndRemove(...names: string[]): Promise<void> {
    await this.#platform?.stop();
    this.#platform = undefined;
    for (const name of names) rmSync(join(this.folder, ...name.split('/')), { recursive: true });
  }

  /** As far as the API answers: roles may wait. */
  async start(): Promise<void> {
    this.#platform = await startPlatform(this.env, { launcher: BIN, readyLine: /^ready http/m });
  }

  startRefused(): Promise<Platform> {
    return startPlatform(this.env);
  }

  /**
   * How a restore ends: signal or exit code, and its output.
   * @param killAt the event at which it kills itself; null: none
   */
  restore(killAt: string | null, options: string[] = [], told: (output: string) => void = () => {}): Promise<string> {
    if (killAt !== null)
      writeFileSync(
        join(this.folder, 'kill-orders', 'restore.json'),
        JSON.stringify({ event: killAt, signal: 'SIGKILL' }),
      );
    const args = [BIN, 'restore', '--json', ...options];
    const child = spawn(process.execPath, args, { env: { ...process.env, ...this.env } });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += chunk;
        told(output);
      });
    return new Promise((resolve) => child.once('close', (code, by) => resolve(`${by ?? code}\n${output}`)));
  }

  /** A restore that is begun before the platform is started. */
  async restoreAndStart(killAt: string | null, options: string[] = []): Promise<string> {
    let said = '';
    const ended = this.restore(killAt, options, (output) => (said = output));
    await Promise.race([ended, eventually('the restore waits', async () => said.includes('waiting for'), 60_000, 50)]);
    if (said.includes('waiting for')) await this.start();
    return ended;
  }
}
