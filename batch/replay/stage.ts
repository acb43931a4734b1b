import { z } from 'zod';
import type { Cut } from '../../domain/cut.ts';
import { count, month } from '../../domain/fields.ts';
import { daysBetween } from '../../domain/time.ts';
import { atMostEvery } from '../../infra/at_most_every.ts';
import { rowsOf } from '../../infra/clients/clickhouse.ts';
import { endReplay } from '../../infra/register/replays.ts';
import { sql } from '../../infra/sql.ts';
import { repair } from '../archive/files/layout.ts';
import { manifestsOf } from '../archive/files/manifest.ts';
import { chainEnds } from '../archive/totals.ts';
import { archiveReached, countedNow, cutNow } from '../run/arrived.ts';
import type { BatchEngines } from '../run/engines.ts';
import { archivedDays } from './chain.ts';
import { type Fill, openFill } from './fill.ts';
import { pauseSink } from './pause.ts';
import { type Held, type ReplayFacts, recordReplay } from './record.ts';
import { realtimeGivenUp } from './search.ts';
import { type Days, releaseSink, Staging } from './staging.ts';

const SQL = {
  months: sql('clickhouse/replay/stored_months.sql'),
  beforeArchive: sql('clickhouse/replay/rows_before_archive.sql'),
};

const storedMonth = z.object({ month });
const beforeArchive = z.object({ clicks: count });

/** When catching up takes no longer than this, the sink is asked to pause. */
const LAST_ROUND_MS = 3_000;
const MOST_ROUNDS = 10;
const TELL_EVERY_MS = 2_000;

/**
 * Stages the new tables and decides the replay. Nearly all of it is done while the sink runs: it is paused once for the
 * duration of hard links, so that a clone of its tables is what it had stored at known offsets, and once for the last
 * piece.
 * @param assertLocked called before the commit point, which is one key of the register
 * @returns the facts as recorded; throws if the replay must be abandoned
 */
export async function stageAndDecide(
  engines: BatchEngines,
  begun: ReplayFacts,
  dedupeWindowMs: number,
  assertLocked: () => void,
): Promise<void> {
  const { archiveDir, clickhouse, log } = engines;
  const { replay, from, to } = begun;
  const days = { from, to };
  const flush = `replay-${replay}`;
  await archiveReached(engines, await cutNow(engines), flush);
  const archived = archivedDays(manifestsOf(archiveDir), days);
  if (archived.rows === 0)
    throw new Error(`no click of ${from} to ${to} (exclusive) is archived: nothing to replay from`);
  await refuseLaterArchive(engines, days, archived.begins);
  const months = await monthsOf(engines, days, archived.months);

  const staging = new Staging(clickhouse, replay, days);
  await staging.create();
  const cloned = await pauseSink(engines, replay, 'clone');
  try {
    await staging.clone(months);
    cloned.assertHeld();
  } finally {
    cloned.release();
  }
  await releaseSink(clickhouse, replay);
  log.info({ replay, months }, 'cloned');
  const before = await staging.held();
  await staging.empty();

  const onProgress = tellProgress(engines, replay, archived.rows);
  const fill = await openFill({ engines, staging, days, months: new Set(months), dedupeWindowMs, onProgress });
  let at: { days: Cut; rest: Cut } = { days: {}, rest: cloned.offsets };
  /** Advances the staged tables to what the sink has counted. */
  async function advance(by: BatchEngines, counted: Cut): Promise<Cut> {
    await archiveReached(by, counted, flush);
    repair(archiveDir, log);
    // For topics removed from the settings, everything archived.
    const cut = { ...chainEnds(archiveDir), ...counted };
    await fill.fill(at.days, cut);
    await staging.addRest(months, at.rest, counted);
    at = { days: cut, rest: counted };
    return cut;
  }
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    const startedAt = performance.now();
    await advance(engines, await countedBySink(engines, Object.keys(cloned.offsets)));
    const tookMs = Math.round(performance.now() - startedAt);
    log.info({ replay, round, tookMs }, 'caught up');
    if (tookMs < LAST_ROUND_MS) break;
  }
  await realtimeGivenUp(engines, daysBetween(from, to));

  const standing = await pauseSink(engines, replay, 'exchange');
  try {
    const unknown = Object.keys(standing.offsets).filter((name) => !(name in cloned.offsets));
    if (unknown.length > 0) throw new Error(`${unknown.join(', ')} came up meanwhile: replay once more`);
    const cut = await advance({ ...engines, signal: standing.signal }, standing.offsets);
    const after = await staging.held();
    assertWhole(after, fill);
    const facts = { ...begun, months, cut, inputs: JSON.stringify(fill.inputs()), before, after };
    await recordReplay(clickhouse, 'staged', facts);
    await staging.unview();
    assertLocked();
    standing.assertHeld();
    if ((await endReplay(engines.register, replay, 'decided')) !== 'decided') {
      throw new Error(`replay ${replay} came too late: the sink counts on, nothing was exchanged`);
    }
  } finally {
    standing.release();
  }
}

async function monthsOf({ clickhouse }: BatchEngines, days: Days, archived: Iterable<string>): Promise<string[]> {
  const stored = await rowsOf(clickhouse, storedMonth, SQL.months, { ...days });
  return [...new Set([...archived, ...stored.map(({ month }) => month)])].sort();
}

function tellProgress({ log }: BatchEngines, replay: number, of: number): (clicks: number) => void {
  const isTime = atMostEvery(TELL_EVERY_MS);
  return (clicks) => {
    if (isTime()) log.info({ replay, clicks, of }, 'replaying');
  };
}

/** Everything that was read is staged, once, in each table. */
function assertWhole(held: Held, fill: Fill): void {
  const { rows: raw_rows, copies: copies_dropped } = fill.staged();
  const expected: Held = { raw_rows, copies_dropped, clicks_by_ad: raw_rows, clicks_by_minute: raw_rows };
  const names = Object.keys(expected) as (keyof Held)[];
  if (names.every((name) => held[name] === expected[name])) return;
  throw new Error(`${JSON.stringify(expected)} was staged, ${JSON.stringify(held)} is there: nothing was exchanged`);
}

/** Rows that were never archived cannot be derived from the archive. */
async function refuseLaterArchive({ clickhouse }: BatchEngines, days: Days, begins: Cut): Promise<void> {
  for (const [topic_partition, archive_begins] of Object.entries(begins)) {
    if (archive_begins === 0) continue;
    const params = { ...days, topic_partition, archive_begins };
    const [before] = await rowsOf(clickhouse, beforeArchive, SQL.beforeArchive, params);
    if (before?.clicks) {
      throw new Error(`the archive of ${topic_partition} begins at ${archive_begins}, after ${before.clicks} raw rows`);
    }
  }
}

/** Offsets below which everything is stored. */
async function countedBySink(engines: BatchEngines, partitions: string[]): Promise<Cut> {
  const counted = await countedNow(engines);
  return Object.fromEntries(partitions.map((name) => [name, counted[name] ?? 0]));
}
