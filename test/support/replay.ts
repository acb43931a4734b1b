import { setTimeout as delay } from 'node:timers/promises';
import { readStatus } from '../../audit/status.ts';
import { DAY_MS, dayOf } from '../../domain/time.ts';
import { createClickHouse, rows } from '../../infra/clients/clickhouse.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { type Config, readConfig } from '../../infra/config.ts';
import type { Service } from '../../infra/role.ts';
import { type Counts, compare, type Fact, perMinute } from '../../prove/oracle.ts';
import { fromClickHouse } from '../../prove/stores.ts';
import { type CommandResult, clickledger } from './client.ts';
import { change } from './corruption.ts';
import { testDays } from './days.ts';
import { append, clicksOf, keepArchiving } from './kill.ts';
import { eventually } from './wait.ts';

const STORES = ['raw', 'minutes by ad', 'minutes by minute', 'clicks_per_minute'];
const NOTHING = Object.fromEntries(STORES.map((store) => [store, { lost: 0, doubled: 0 }]));
const COMPLETE_LIMIT_MS = 240_000;

/** Shared by tests of replays: days with clicks, the damage to them, and the contents of the tables. */
export class ReplaySite {
  readonly config: Config;
  readonly clickhouse: ReturnType<typeof createClickHouse>;
  readonly written: Fact[] = [];
  readonly #env: Record<string, string>;
  #archiving: Service | undefined;

  constructor(env: Record<string, string>) {
    this.#env = env;
    this.config = readConfig(env);
    this.clickhouse = createClickHouse(engineUrls(this.config).clickhouse);
  }

  async open(): Promise<void> {
    this.#archiving = await keepArchiving(this.config);
    // What another test has left unbalanced would have each test of a replay wait to its limit.
    await this.conserved();
  }

  async close(): Promise<void> {
    await this.#archiving?.stop();
    await this.clickhouse.close();
  }

  replay(day: string, to: string): Promise<CommandResult> {
    return clickledger(this.#env, 'replay', '--from', day, '--to', to, '--reason', 'test', '--json');
  }

  /** Clicks of an ad over the first hours of a day; one in ten is sent twice. */
  write(ad: string, startMs: number, clicks: number): Fact[] {
    const facts = clicksOf(ad, clicks, (n) => startMs + n * 20_000);
    append(this.config, ad, facts);
    this.written.push(...facts);
    return facts;
  }

  /** A day with clicks, and the next day with others; both complete. */
  async twoDays(clicks: number) {
    const startMs = testDays(2);
    const [day, next] = [dayOf(startMs), dayOf(startMs + DAY_MS)];
    const facts = [
      ...this.write(`replay-${day}`, startMs, clicks),
      ...this.write(`replay-${next}`, startMs + DAY_MS, clicks),
    ];
    await this.complete(facts);
    return { startMs, day, next, facts };
  }

  async complete(facts: Fact[]): Promise<void> {
    const found = await eventually(
      'every click is counted',
      async () => {
        const seen = await this.#differences(facts);
        return Object.values(seen).every(({ lost }) => lost === 0) && seen;
      },
      COMPLETE_LIMIT_MS,
      500,
    );
    if (JSON.stringify(found) !== JSON.stringify(NOTHING)) throw new Error(`counted twice: ${JSON.stringify(found)}`);
  }

  /** What each table lacks, and its surplus, for the ads of these clicks. */
  async #differences(facts: Fact[]): Promise<Record<string, { lost: number; doubled: number }>> {
    const ads = new Set(facts.map(({ ad }) => ad));
    const stores = await fromClickHouse(this.config, { ads: 'replay-' });
    const ofAds = (counts: Counts | undefined): Counts =>
      new Map([...(counts ?? [])].filter(([key]) => ads.has(key.split('|')[0] ?? '')));
    return Object.fromEntries(
      STORES.map((store) => {
        const { lost, doubled } = compare(perMinute(facts), ofAds(stores.get(store)));
        return [store, { lost, doubled }];
      }),
    );
  }

  /** The conservation rules that do not hold. */
  async broken(): Promise<string[]> {
    return (await readStatus(this.config)).conservation.filter(({ ok }) => !ok).map(({ rule }) => rule);
  }

  async conserved(): Promise<void> {
    const balance = async (): Promise<true> => {
      const broken = await this.broken();
      if (broken.length > 0) throw new Error(broken.join('; '));
      return true;
    };
    await eventually('conservation', balance, COMPLETE_LIMIT_MS, 1_000);
  }

  /** Deletes rows of a day and doubles others, as a fault in the real-time path might. */
  async damage(day: string): Promise<void> {
    const ofDay = (column: string) => `toDate(${column}) = '${day}'`;
    for (const statement of [
      `ALTER TABLE ads.clicks DELETE WHERE ${ofDay('click_timestamp')} AND topic_offset % 3 = 0`,
      `ALTER TABLE ads.copies_dropped DELETE WHERE ${ofDay('click_timestamp')}`,
      `INSERT INTO ads.minutes_by_ad SELECT * FROM ads.minutes_by_ad WHERE ${ofDay('click_minute')}`,
      `ALTER TABLE ads.minutes_by_minute DELETE WHERE ${ofDay('click_minute')} AND minute(click_minute) % 2 = 0`,
    ]) {
      await change(this.clickhouse, statement);
    }
  }

  /** Clicks of one ad in raw rows and in both rollups. */
  async held(ad: string): Promise<number[]> {
    const [row] = await rows<{ held: number[] }>(
      this.clickhouse,
      `SELECT [(SELECT count() FROM ads.clicks WHERE ad_id = '${ad}'),
               (SELECT sum(clicks) FROM ads.minutes_by_ad WHERE ad_id = '${ad}'),
               (SELECT sum(clicks) FROM ads.minutes_by_minute WHERE ad_id = '${ad}')] AS held`,
    );
    return row?.held ?? [];
  }

  /** Staging databases of replays. */
  async staged(): Promise<string[]> {
    const query = "SELECT name FROM system.databases WHERE startsWith(name, 'ads_replay_')";
    return (await rows<{ name: string }>(this.clickhouse, query)).map(({ name }) => name);
  }

  /** Waits until a current click is counted: the sink is not paused, or no longer. */
  async untilSinkResumes(name: string): Promise<void> {
    await this.complete(this.write(name, Date.now() - 900_000, 3));
  }

  /** Sends clicks at these times, one after the other, until it is ended. */
  liveClicks(name: string, startsMs: number[]): { end(): Promise<Fact[]> } {
    const facts: Fact[] = [];
    let isOver = false;
    const going = (async () => {
      for (let n = 0; !isOver; n++) {
        const at = startsMs[n % startsMs.length] as number;
        const next = clicksOf(name, (n + 1) * 5, (i) => at + 60_000 + i * 100).slice(n * 5);
        facts.push(...next);
        append(this.config, name, next);
        await delay(200);
      }
    })();
    return {
      end: async () => {
        isOver = true;
        await going;
        this.written.push(...facts);
        return facts;
      },
    };
  }

  async killRole(role: string): Promise<void> {
    const pidOf = async () => (await readStatus(this.config)).processes.find(({ name }) => name === role)?.pid;
    const pid = await pidOf();
    if (pid) process.kill(pid, 'SIGKILL');
    await eventually(`${role} is back`, async () => ![pid, undefined].includes(await pidOf()), COMPLETE_LIMIT_MS);
  }
}
