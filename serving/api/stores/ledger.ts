import { z } from 'zod';
import { cut } from '../../../domain/cut.ts';
import { count, day } from '../../../domain/fields.ts';
import type { PublishedRun } from '../../../domain/receipt.ts';
import { notBack, type Restored, rawMissing, restoredOf, restoredRow, type Takes } from '../../../domain/restored.ts';
import { dayOf } from '../../../domain/time.ts';
import { RESTORED } from '../../../infra/restored.ts';
import { sql } from '../../../infra/sql.ts';
import type { PublishedEvent } from '../../planner/as_of.ts';
import type { Range } from '../../planner/ranges.ts';
import { notBackFailure } from '../contract/engine_failure.ts';
import { cachedRead, memoizeByObject } from './cached_read.ts';
import { queryRowsOf, type Stores } from './engines.ts';

const LEDGER_VERSION = sql('clickhouse/queries/api_ledger_version.sql');
const PUBLISHED_RUNS = sql('clickhouse/queries/api_published_runs.sql');
const PUBLISHED_EVENTS = sql('clickhouse/queries/api_published_events.sql');

/** ClickHouse's Date ranges from 1970 to 2149; all clicks are within that. */
const LAST_MS = Date.UTC(2149, 0, 1);
export const ALWAYS: Range = { fromMs: 0, toMs: LAST_MS };
const storedDay = (ms: number): string => dayOf(Math.max(0, Math.min(LAST_MS, ms)));

export const daysOf = ({ fromMs, toMs }: Range) => ({ from_day: storedDay(fromMs), to_day: storedDay(toMs - 1) });

const ledgerVersion = z.object({ version: z.string() });

const publishedRun = z
  .object({ date: day, run: z.int().min(1), first_run: z.int().min(1), cut, filters: z.array(z.string()) })
  .transform(({ first_run: firstRun, ...run }): PublishedRun => ({ ...run, firstRun }));

const publishedEvent = z
  .object({ date: day, seq: count, run: count, cut, recorded_ms: z.int() })
  .transform(({ recorded_ms: recordedMs, ...event }): PublishedEvent => ({ ...event, recordedMs }));

/** Maximum age of the ledger used by questions. */
const MAX_AGE_MS = 250;

/**
 * The published days of a range. Read once for a question, so that all its parts agree. A failure of ClickHouse while it
 * is being restored, and lacks a part of what the question takes of these days.
 */
export async function readPublishedRuns(
  stores: Stores,
  range: Range,
  takes: Takes = 'minutes',
): Promise<Map<string, PublishedRun>> {
  const { runs, restored } = await ledgerOf(stores)();
  const { from_day, to_day } = daysOf(range);
  const published = new Map<string, PublishedRun>();
  for (let i = firstFrom(runs, from_day); i < runs.length; i++) {
    const run = runs[i] as PublishedRun;
    if (run.date > to_day) break;
    published.set(run.date, run);
  }
  if (restored !== null) refuseNotBack(restored, { from: from_day, to: to_day }, published, takes);
  return published;
}

function refuseNotBack(
  restored: Restored,
  days: { from: string; to: string },
  published: ReadonlyMap<string, PublishedRun>,
  takes: Takes,
): void {
  const missing = notBack(restored, days, published, takes);
  if (missing !== null) throw notBackFailure(missing);
}

/** Days of a range with a published run whose raw clicks are not back yet. */
export async function readRawMissing(stores: Stores, range: Range): Promise<string[]> {
  const { runs, restored } = await ledgerOf(stores)();
  if (restored === null) return [];
  const { from_day, to_day } = daysOf(range);
  return rawMissing(
    restored,
    runs.map(({ date }) => date).filter((date) => date >= from_day && date <= to_day),
  );
}

/** Nothing is missing of any day. */
export const requireAllBack = async (stores: Stores): Promise<void> =>
  void (await readPublishedRuns(stores, ALWAYS, 'raw'));

/** Binary search in runs sorted by date: index of the first one not before the day. */
function firstFrom(runs: PublishedRun[], day: string): number {
  let [low, high] = [0, runs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((runs[middle] as PublishedRun).date < day) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface KnownLedger {
  version: string;
  runs: PublishedRun[];
  /** What is back of a ClickHouse that was lost; null: it never was. */
  restored: Restored | null;
}

/** The whole ledger, read again after every write to it. */
const ledgerOf = memoizeByObject((stores: Stores) => {
  const site = { clickhouse: stores.ledger };
  let known: KnownLedger | null = null;
  return cachedRead(MAX_AGE_MS, async (signal) => {
    const [row] = await queryRowsOf(site, ledgerVersion, LEDGER_VERSION, {}, signal);
    const version = row?.version ?? '';
    if (known?.version === version) return known;
    const wasLost = version.split(' ').some((part) => part.startsWith('restored.'));
    // What is back is read before the ledger: a day that has its run since is not taken for one that needs none.
    const steps = wasLost ? await queryRowsOf(site, restoredRow, RESTORED, {}, signal) : [];
    // Events written in between are already in the rows, and only cause one needless read.
    const runs = await queryRowsOf(site, publishedRun, PUBLISHED_RUNS, daysOf(ALWAYS), signal);
    known = { version, runs, restored: restoredOf(steps) };
    return known;
  });
});

/** All publications and rollbacks for the days of a range. Like `readPublishedRuns` while ClickHouse is being restored. */
export async function readPublishedEvents(
  stores: Stores,
  range: Range,
  signal: AbortSignal,
): Promise<PublishedEvent[]> {
  const published = await readPublishedRuns(stores, range, 'raw');
  const { restored } = await ledgerOf(stores)();
  const { from_day: from, to_day: to } = daysOf(range);
  const withheld = [...(restored?.withheld ?? [])].find((key) => key.slice(0, 10) >= from && key.slice(0, 10) <= to);
  // An earlier run of a day may be the one that was current then.
  if (withheld !== undefined && published.size > 0) {
    throw notBackFailure(`clicks of run ${withheld.slice(11)} of ${withheld.slice(0, 10)}`);
  }
  return queryRowsOf({ clickhouse: stores.ledger }, publishedEvent, PUBLISHED_EVENTS, daysOf(range), signal);
}
