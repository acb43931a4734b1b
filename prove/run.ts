import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readStatus } from '../audit/status.ts';
import { EVENT_KINDS, type EventKind, PLURAL } from '../domain/event_kinds.ts';
import { DAY_MS, dayOf, iso, MINUTE_MS } from '../domain/time.ts';
import type { Config } from '../infra/config.ts';
import { leastBoundary } from './boundary.ts';
import { type Compared, compareAll, leastCounted, ofKind } from './compare_stores.ts';
import { allPassed, letHappen, type Survived } from './disasters/run.ts';
import { Site } from './disasters/site.ts';
import { chosen } from './disasters/table.ts';
import { withFailpoints } from './failpoints/orders.ts';
import { type InjectedFaults, injectFaults } from './faults.ts';
import { Gap } from './gap.ts';
import { type Known, noneKnown } from './known_events.ts';
import type { Difference, Fact } from './oracle.ts';
import { platformEnv, startPlatform } from './platform.ts';
import { Rebuilds } from './rebuilds.ts';
import { type Schedule, schedule } from './schedule.ts';
import { proveTraffic } from './traffic.ts';

/** Kills are aimed at what clicks do; of the others so many that each store has them in most minutes. */
const LINES_PER_SECOND = { click: 300, impression: 60, conversion: 20 };
/** Enough for every engine to come back and every minute to close. */
const SETTLE_LIMIT_MS = 600_000;

export interface Proof extends InjectedFaults {
  seed: number;
  seconds: number;
  /** Distinct events written, of all kinds and of each. */
  sent: number;
  sent_of: Record<EventKind, number>;
  resent: number;
  broken: number;
  /** Sum over the kinds of the lowest count of a store, and over all stores the most events lost or doubled. */
  counted: number;
  lost: number;
  doubled: number;
  runs: number;
  longest_gap_seconds: number;
  stores: Compared[];
  conservation: boolean;
  /** Why the last run of an ended day was not published: the platform itself detected a fault. */
  refused: string | null;
  /** Absent: none was asked for. */
  disasters?: Survived[];
  proven: boolean;
}

interface ProveOptions {
  seconds: number;
  seed: number;
  /** Keep the folder, with every store's data and every role's log, also if nothing was wrong. */
  keep: boolean;
  kills: boolean;
  /** After the kills and their comparison, all disasters or those that are named; null: none. */
  disasters: { only?: string[] | undefined } | null;
  report: (line: string) => void;
}

const endedDaysNow = (): string[] => ['2021-01-05', dayOf(Date.now() - 3 * DAY_MS)];
const BEGIN_SECONDS = 3;
const NO_KILLS: Schedule = { random: [], atFailpoints: [] };

/**
 * Writes known events of all kinds, kills everything meanwhile, and compares each store's counts of each kind with what
 * was written. Uses a
 * temporary folder, which is kept if there is something to investigate, and free ports; ends by itself.
 */
export async function prove(options: ProveOptions): Promise<Proof> {
  const { keep, disasters, seed, report } = options;
  const toHappen = disasters === null ? null : chosen(seed, disasters.only);
  const sites = [await openSite(report)];
  const [site] = sites as [Site];
  let proven = false;
  try {
    const proof = await proveOn(site, options);
    proven = proof.proven;
    if (!proven || toHappen === null) return proof;
    site.ended = endedOf(site.known.facts);
    const renew = async (): Promise<Site> => {
      await close(sites.at(-1) as Site, report);
      const another = await openSite(report);
      sites.push(another);
      await countEnded(another, seed, report);
      return another;
    };
    const survived = await letHappen(toHappen, site, { seed, renew, report });
    proven = allPassed(survived);
    return { ...proof, disasters: survived, proven };
  } finally {
    await close(sites.at(-1) as Site, report);
    for (const { config } of sites) {
      if (proven && !keep) rmSync(config.dataDir, { recursive: true, force: true });
      else report(`kept ${config.dataDir}`);
    }
  }
}

async function openSite(report: (line: string) => void): Promise<Site> {
  const dataDir = mkdtempSync(join(tmpdir(), 'clickledger-prove-'));
  report(`platform in ${dataDir}`);
  const settings = { ALLOWED_LATENESS: '5s', NIGHTLY_CRON: '* * * * *', EVENT_KINDS: EVENT_KINDS.join() };
  const platform = await startPlatform(await platformEnv(dataDir, { ...settings, ...withFailpoints(dataDir) }));
  return new Site(platform, noneKnown());
}

/** Ended days with their runs, which disasters concern too. */
async function countEnded(site: Site, seed: number, report: (line: string) => void): Promise<void> {
  const { config, env, known } = site;
  const endedDays = endedDaysNow();
  const folder = join(config.dataDir, 'logs');
  await proveTraffic({ folder, seconds: BEGIN_SECONDS, seed, endedDays, known, linesPerSecond: LINES_PER_SECOND });
  await settled(config, known, report);
  site.ended = endedOf(known.facts);
  await new Rebuilds(env, endedDays).lastOnes(site.ended);
}

async function close(site: Site, report: (line: string) => void): Promise<void> {
  const left = await site.stop();
  if (left.length > 0) report(`left behind and ended: ${left.join('; ')}`);
}

async function proveOn({ env, config, known }: Site, { seconds, seed, kills, report }: ProveOptions): Promise<Proof> {
  const endedDays = endedDaysNow();
  const rebuilds = new Rebuilds(env, endedDays);
  const gap = new Gap(config);
  const rates = EVENT_KINDS.map((event) => `${LINES_PER_SECOND[event]} ${PLURAL[event]}/s`);
  report(`writing ${rates.join(', ')} for ${seconds} s`);
  const rebuilding = rebuilds.goOn();
  const [injected] = await Promise.all([
    injectFaults(kills ? schedule(seconds, seed) : NO_KILLS, {
      dataDir: config.dataDir,
      rebuildPid: () => rebuilds.pid,
      report,
    }),
    proveTraffic({
      folder: join(config.dataDir, 'logs'),
      seconds,
      seed,
      endedDays,
      known,
      linesPerSecond: LINES_PER_SECOND,
    }),
  ]);
  rebuilds.end();
  await rebuilding;
  report(`${known.lines} lines written; waiting until all is counted`);
  await settled(config, known, report);
  const longest_gap_seconds = gap.end();
  report('last runs of the ended days');
  const ended = endedOf(known.facts);
  const refused = await rebuilds.lastOnes(ended).then(
    () => null,
    (error: Error) => error.message,
  );
  if (refused !== null) report(refused);
  // The alias follows the ledger's last row within a moment.
  const { conservation } = await settled(config, known, report);
  const stores = await compareAll(config, known.facts, ended);
  const worst = (of: (difference: Difference) => number): number => Math.max(...stores.map(of));
  const [lost, doubled] = [worst((store) => store.lost), worst((store) => store.doubled)];
  const conserved = conservation.every(({ ok }) => ok);
  return {
    seed,
    seconds,
    sent: known.facts.length,
    sent_of: sentOf(known.facts),
    resent: known.resent,
    broken: known.broken,
    counted: leastCounted(stores),
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

function endedOf(facts: Fact[]): { event: EventKind; day: string }[] {
  const today = dayOf(Date.now());
  return EVENT_KINDS.flatMap((event) =>
    daysOf(ofKind(facts, event))
      .filter((day) => day < today)
      .map((day) => ({ event, day })),
  );
}

const daysOf = (facts: Fact[]): string[] => [...new Set(facts.map(({ at }) => dayOf(at)))];

const sentOf = (facts: Fact[]): Record<EventKind, number> => ({
  click: ofKind(facts, 'click').length,
  impression: ofKind(facts, 'impression').length,
  conversion: ofKind(facts, 'conversion').length,
});

/** Everything runs, no stage has any lag, and the last minute written to is closed for each kind. */
async function settled(config: Config, known: Known, report: (line: string) => void) {
  const lastMs = known.facts.reduce((last, { at }) => Math.max(last, at), 0);
  const end = Date.now() + SETTLE_LIMIT_MS;
  let why = '';
  while (Date.now() < end) {
    try {
      const status = await readStatus(config);
      const read = status.stages.find(({ name }) => name === 'ingest')?.in ?? 0;
      const waiting = status.stages
        .filter(({ name, lag }) => lag > 0 && name !== 'archive' && name !== 'nightly')
        .map(({ event, name }) => `${event} ${name}`);
      const boundary = await leastBoundary(config);
      const isClosed = boundary !== null && boundary >= lastMs + MINUTE_MS;
      if (status.ready && read >= known.lines && waiting.length === 0 && isClosed) return status;
      const away = status.processes.filter(({ state }) => state !== 'ready').map(({ name }) => name);
      const closedTo = boundary === null ? null : iso(boundary);
      why = `read ${read} of ${known.lines} lines, boundary ${closedTo}, away: ${away}, waiting: ${waiting}`;
    } catch (error) {
      why = String(error);
    }
    await delay(1_000);
  }
  report(why);
  throw new Error(`not settled after ${SETTLE_LIMIT_MS / 1000} s: ${why}`);
}
