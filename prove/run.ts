import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readStatus } from '../audit/status.ts';
import { DAY_MS, dayOf, MINUTE_MS } from '../domain/time.ts';
import { type Config, readConfig } from '../infra/config.ts';
import { createLog } from '../infra/log.ts';
import { withFailpoints } from './failpoints/orders.ts';
import { type InjectedFaults, injectFaults } from './faults.ts';
import { Gap } from './gap.ts';
import { type Counts, compare, type Difference, type Fact, keyOf, perMinute } from './oracle.ts';
import { type Platform, platformEnv, startPlatform } from './platform.ts';
import { Rebuilds } from './rebuilds.ts';
import { schedule } from './schedule.ts';
import { fromApi, fromArchive, fromClickHouse, fromElasticsearch, fromHive } from './stores.ts';
import { proveTraffic, type Traffic } from './traffic.ts';

const LINES_PER_SECOND = 300;
/** Enough for every engine to come back and every minute to close. */
const SETTLE_LIMIT_MS = 600_000;

export interface Proof extends InjectedFaults {
  seed: number;
  seconds: number;
  /** Distinct clicks written. */
  sent: number;
  resent: number;
  broken: number;
  /** Over all stores: the lowest count, and the most clicks lost or doubled. */
  counted: number;
  lost: number;
  doubled: number;
  runs: number;
  longest_gap_seconds: number;
  stores: ({ store: string } & Difference)[];
  conservation: boolean;
  /** Why the last run of an ended day was not published: the platform itself detected a fault. */
  refused: string | null;
  proven: boolean;
}

/**
 * Writes known clicks, kills everything meanwhile, and compares each store's counts with what was written. Uses a
 * temporary folder, which is kept if there is something to investigate, and free ports; ends by itself.
 */
export async function prove(options: {
  seconds: number;
  seed: number;
  /** Keep the folder, with every store's data and every role's log, also if nothing was wrong. */
  keep: boolean;
  report: (line: string) => void;
}): Promise<Proof> {
  const { keep, report } = options;
  const dataDir = mkdtempSync(join(tmpdir(), 'clickledger-prove-'));
  report(`platform in ${dataDir}`);
  const platform = await startPlatform(
    await platformEnv(dataDir, { ALLOWED_LATENESS: '5s', NIGHTLY_CRON: '* * * * *', ...withFailpoints(dataDir) }),
  );
  let proven = false;
  try {
    const proof = await proveOn(platform, options);
    proven = proof.proven;
    return proof;
  } finally {
    const { left } = await platform.stop();
    if (left.length > 0) report(`left behind and ended: ${left.join('; ')}`);
    if (proven && !keep) rmSync(dataDir, { recursive: true, force: true });
    else report(`kept ${dataDir}`);
  }
}

async function proveOn(
  { env }: Platform,
  { seconds, seed, report }: { seconds: number; seed: number; report: (line: string) => void },
): Promise<Proof> {
  const config = readConfig({ ...process.env, ...env });
  const endedDays = ['2021-01-05', dayOf(Date.now() - 3 * DAY_MS)];
  const made: Traffic = { facts: [], lines: 0, broken: 0, resent: 0 };
  const rebuilds = new Rebuilds(env, endedDays);
  const gap = new Gap(config);
  report(`writing ${LINES_PER_SECOND} lines/s for ${seconds} s`);
  const rebuilding = rebuilds.goOn();
  const [injected] = await Promise.all([
    injectFaults(schedule(seconds, seed), { dataDir: config.dataDir, rebuildPid: () => rebuilds.pid, report }),
    proveTraffic({
      folder: join(config.dataDir, 'logs'),
      seconds,
      seed,
      endedDays,
      made,
      linesPerSecond: LINES_PER_SECOND,
    }),
  ]);
  rebuilds.end();
  await rebuilding;
  report(`${made.lines} lines written; waiting until all is counted`);
  await settled(config, made, report);
  const longest_gap_seconds = gap.end();
  report('last runs of the ended days');
  const today = dayOf(Date.now());
  const ended = [...new Set(made.facts.map(({ at }) => dayOf(at)))].filter((day) => day < today);
  const refused = await rebuilds.lastOnes(ended).then(
    () => null,
    (error: Error) => error.message,
  );
  if (refused !== null) report(refused);
  // The alias follows the ledger's last row within a moment.
  const { conservation } = await settled(config, made, report);
  const stores = await compareAll(config, made.facts, ended);
  const worst = (of: (difference: Difference) => number): number => Math.max(...stores.map(of));
  const [lost, doubled] = [worst((store) => store.lost), worst((store) => store.doubled)];
  const conserved = conservation.every(({ ok }) => ok);
  return {
    seed,
    seconds,
    sent: made.facts.length,
    resent: made.resent,
    broken: made.broken,
    counted: Math.min(...stores.filter(({ store }) => !store.startsWith('Hive')).map(({ counted }) => counted)),
    lost,
    doubled,
    ...injected,
    runs: rebuilds.published,
    longest_gap_seconds,
    stores,
    conservation: conserved,
    refused,
    proven: lost + doubled === 0 && conserved && refused === null && injected.missed.length === 0,
  };
}

async function compareAll(config: Config, facts: Fact[], endedDays: string[]): Promise<Proof['stores']> {
  const log = createLog('prove');
  log.level = 'silent';
  const truth = perMinute(facts);
  const compared: Proof['stores'] = [];
  const add = (store: string, expected: Counts, got: Counts): void => {
    compared.push({ store, ...compare(expected, got) });
  };
  for (const [store, counts] of await fromClickHouse(config)) add(`ClickHouse ${store}`, truth, counts);
  const archive = await fromArchive(config);
  add('archive (Parquet)', truth, archive.counts);
  compared.push({ store: 'archive, messages twice', counted: facts.length, lost: 0, doubled: archive.twice });
  const ended = facts.filter(({ at }) => endedDays.includes(dayOf(at)));
  add('Hive runs of ended days', perMinute(ended), await fromHive(config, endedDays, log));
  add('Elasticsearch', truth, await fromElasticsearch(config));
  const perDay: Counts = new Map();
  const questions = new Map<string, { ad: string; day: string; country: string }>();
  for (const { ad, at, country } of facts) {
    const day = dayOf(at);
    const key = keyOf(ad, Date.parse(`${day}T00:00:00Z`), country);
    perDay.set(key, (perDay.get(key) ?? 0) + 1);
    questions.set(key, { ad, day, country });
  }
  add('API', perDay, await fromApi(config, [...questions.values()]));
  return compared;
}

/** Everything runs, no stage has any lag, and the last minute written to is closed. */
async function settled(config: Config, made: Traffic, report: (line: string) => void) {
  const lastMs = made.facts.reduce((last, { at }) => Math.max(last, at), 0);
  const end = Date.now() + SETTLE_LIMIT_MS;
  let why = '';
  while (Date.now() < end) {
    try {
      const status = await readStatus(config);
      const read = status.stages.find(({ name }) => name === 'ingest')?.in ?? 0;
      const waiting = status.stages
        .filter(({ name, lag }) => lag > 0 && name !== 'archive' && name !== 'nightly')
        .map(({ name }) => name);
      const isClosed = Date.parse(status.boundary ?? '') >= lastMs + MINUTE_MS;
      if (status.ready && read >= made.lines && waiting.length === 0 && isClosed) return status;
      const away = status.processes.filter(({ state }) => state !== 'ready').map(({ name }) => name);
      why = `read ${read} of ${made.lines} lines, boundary ${status.boundary}, away: ${away}, waiting: ${waiting}`;
    } catch (error) {
      why = String(error);
    }
    await delay(1_000);
  }
  report(why);
  throw new Error(`not settled after ${SETTLE_LIMIT_MS / 1000} s: ${why}`);
}
