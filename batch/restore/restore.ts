import { z } from 'zod';
import type { Cut } from '../../domain/cut.ts';
import { parsedJson } from '../../domain/parse.ts';
import { type CutFacts, cutFacts, type Restored, type RestoreStep, restoredRow } from '../../domain/restored.ts';
import { bringNames } from '../../infra/ad_names/copy.ts';
import { atMostEvery } from '../../infra/at_most_every.ts';
import { rowsOf } from '../../infra/clients/clickhouse.ts';
import { bringFilters } from '../../infra/filter_revisions.ts';
import { RESTORED, readRestored, recordRestored } from '../../infra/restored.ts';
import { sql } from '../../infra/sql.ts';
import { waitUntil } from '../../infra/wait.ts';
import { repair } from '../archive/files/layout.ts';
import { type Manifest, manifestsOf } from '../archive/files/manifest.ts';
import { realtimeGivenUp } from '../replay/search.ts';
import { endsNow, sinkReached } from '../run/arrived.ts';
import type { BatchEngines } from '../run/engines.ts';
import { bringAllToClickHouse } from '../run/ledger_copies.ts';
import { bringRunFiles } from '../run/run_files.ts';
import { decideCut } from './cut.ts';
import { fillDay } from './fill_day.ts';
import {
  type ArchivedDay,
  archivedBelow,
  type LedgerDay,
  ledgerDays,
  type Order,
  orderOf,
  rememberedSince,
} from './plan.ts';
import { loadDay, type Withheld } from './runs.ts';

const FOREIGN = sql('clickhouse/restore/foreign_rows.sql');
const rowCount = z.object({ rows: z.int() });

const TELL_EVERY_MS = 2_000;
const GROUP_STALL_MS = 120_000;

/** What belongs to other stages, and is done there (realtime/restore, ingest/redrive). */
export interface RestorePorts {
  /** Whether a sink counts now: it would count on behind what is filled. */
  isSinkRunning(): Promise<boolean>;
  /** Has the next sink begin at the cut, with nothing pending, and the publisher go on from there. */
  rewind(facts: CutFacts): Promise<void>;
  /** Puts on record again which rejected lines were sent again. All raw rows are there. */
  recoverRedriven(): Promise<number>;
}

interface Options {
  /** The sink's setting. */
  dedupeWindowMs: number;
  /** Raw clicks that arrived since then come first as well, epoch ms; absent: those that the sink needs. */
  sinceMs?: number;
  ports: RestorePorts;
}

/** What is restored of one kind of event. */
export interface Lost {
  manifests: Manifest[];
  facts: CutFacts;
  ledger: ReadonlyMap<string, LedgerDay>;
  archived: ReadonlyMap<string, ArchivedDay>;
  order: Order;
}

/**
 * Brings back what the sink needs to count on: ledger, filters and names, days without a run, and what the dedupe memory is
 * made of. Each step is on record in ads.restored before the next begins, and may be repeated.
 */
export async function restoreRealtime(
  engines: BatchEngines,
  { dedupeWindowMs, sinceMs = Number.POSITIVE_INFINITY, ports }: Options,
): Promise<Lost> {
  const { clickhouse, event, log, archiveDir } = engines;
  await bringAllToClickHouse(engines);
  if (event === 'click') {
    await bringFilters(engines, null);
    await bringNames(engines);
  }
  if (!isDone(await restoredNow(engines), 'filled')) {
    await waitUntil(
      'realtime roles that were started before ClickHouse was lost to end',
      async () => ((await ports.isSinkRunning()) ? 'one still reads clicks: stop it' : null),
      { stallMs: GROUP_STALL_MS, everyMs: 500, onProgress: (line) => log.info(line), signal: engines.signal },
    );
  }
  repair(archiveDir, log);
  const manifests = [...manifestsOf(archiveDir)];
  const facts = await decidedCut(engines, manifests);
  const ledger = await ledgerDays(engines.register);
  const archived = archivedBelow(manifests, facts.cut);
  const order = orderOf(archived, ledger, Math.min(sinceMs, rememberedSince(archived, dedupeWindowMs)));
  const lost: Lost = { manifests, facts, ledger, archived, order };
  if (isDone(await restoredNow(engines), 'filled')) {
    await fillDays(engines, lost, lost.order.first, { dedupeWindowMs, isCounting: true });
    return lost;
  }
  await fillDays(engines, lost, lost.order.first, { dedupeWindowMs, isCounting: false });
  await refuseForeignRows(engines, facts);
  const open = lost.order.first.filter((day) => (ledger.get(day)?.current ?? 0) === 0).sort();
  if (open.length > 0) await realtimeGivenUp(engines, open);
  await ports.rewind(facts);
  await recordRestored(clickhouse, 'filled');
  log.info({ days: lost.order.first.length }, 'the sink counts on');
  return lost;
}

/**
 * Brings back the runs of all days, lets answers of days without one be given as soon as the sink has counted all that it
 * had counted before, and fills the raw clicks of the other days, newest first.
 */
export async function restorePublished(
  engines: BatchEngines,
  lost: Lost,
  { dedupeWindowMs, ports }: Options,
): Promise<void> {
  const { clickhouse, log } = engines;
  const { steps, minutes } = await restoredNow(engines);
  const newestFirst = [...lost.ledger].sort(([a], [b]) => (a < b ? 1 : -1));
  for (const [day, of] of newestFirst) {
    if (minutes.has(day)) continue;
    await bringRunFiles(engines, day);
    for (const { run, why } of await loadDay(engines, day, of, lost.manifests)) {
      log.error({ day, run }, `not brought back: ${why}`);
    }
    log.info({ day, runs: of.runs.length }, 'runs are back');
  }
  if (!steps.has('realtime')) {
    await sinkReached(engines, await countedBefore(engines, lost.facts.counted));
    await recordRestored(clickhouse, 'realtime');
  }
  await fillDays(engines, lost, lost.order.later, { dedupeWindowMs, isCounting: true });
  const redriven = await ports.recoverRedriven();
  log.info({ redriven }, 'rejected lines that were sent again are on record');
  await recordRestored(clickhouse, 'ended');
}

/**
 * How far the sink had counted. What a log holds of which it had counted nothing was counted under another name, and sent
 * again, since Kafka was lost too.
 */
async function countedBefore(engines: BatchEngines, counted: Cut): Promise<Cut> {
  const anew = Object.entries(await endsNow(engines)).filter(([name]) => (counted[name] ?? 0) === 0);
  return { ...counted, ...Object.fromEntries(anew) };
}

/** How far real time is filled, once that is decided. */
export async function cutOnRecord(clickhouse: BatchEngines['clickhouse']): Promise<Cut | null> {
  return (await factsOnRecord(clickhouse))?.cut ?? null;
}

async function factsOnRecord(clickhouse: BatchEngines['clickhouse']): Promise<CutFacts | null> {
  const rows = await rowsOf(clickhouse, restoredRow, RESTORED);
  const known = rows.find(({ step }) => step === 'cut');
  return known === undefined ? null : parsedJson(cutFacts, known.facts, 'the cut in ads.restored');
}

/** Runs that were not brought back, with the reasons. */
export async function withheldRuns({ clickhouse }: Pick<BatchEngines, 'clickhouse'>): Promise<Withheld[]> {
  const rows = await rowsOf(clickhouse, restoredRow, RESTORED);
  return rows.filter(({ step }) => step === 'withheld').map(({ day, run, facts }) => ({ day, run, why: facts }));
}

async function decidedCut(engines: BatchEngines, manifests: readonly Manifest[]): Promise<CutFacts> {
  const known = await factsOnRecord(engines.clickhouse);
  if (known !== null) return known;
  const facts = await decideCut(engines, manifests);
  await recordRestored(engines.clickhouse, 'cut', { facts: JSON.stringify(facts) });
  return facts;
}

async function fillDays(
  engines: BatchEngines,
  { manifests, facts: { cut }, archived }: Lost,
  days: readonly string[],
  asked: { dedupeWindowMs: number; isCounting: boolean },
): Promise<void> {
  const { raw } = await restoredNow(engines);
  const missing = days.filter((day) => !raw.has(day));
  const of = missing.reduce((sum, day) => sum + (archived.get(day)?.rows ?? 0), 0);
  const isTime = atMostEvery(TELL_EVERY_MS);
  let before = 0;
  for (const day of missing) {
    const onProgress = (clicks: number): void => {
      if (isTime()) engines.log.info({ day, clicks: before + clicks, of }, 'restoring raw clicks');
    };
    await fillDay(engines, { day, cut, manifests, ...asked, onProgress });
    before += archived.get(day)?.rows ?? 0;
  }
}

/** A sink that was not stopped has begun behind the cut: with what is counted again from there it would be there twice. */
async function refuseForeignRows({ clickhouse }: BatchEngines, { cut }: CutFacts): Promise<void> {
  const [found] = await rowsOf(clickhouse, rowCount, FOREIGN, { cut });
  if (found?.rows === 0) return;
  throw new Error(
    `a realtime role has written ${found?.rows} clicks since ClickHouse was lost: stop all roles, empty ClickHouse's folder and restore again`,
  );
}

async function restoredNow({ clickhouse }: BatchEngines): Promise<Restored> {
  const restored = await readRestored(clickhouse);
  if (restored === null)
    throw new Error(`${clickhouse.database} has no record of being restored: it is not the ClickHouse that was lost`);
  return restored;
}

const isDone = ({ steps }: Restored, step: RestoreStep): boolean => steps.has(step);
