import type { PublishedRun } from '../../../domain/receipt.ts';
import { sql } from '../../../infra/sql.ts';
import { runKey } from '../../planner/archive.ts';
import { boundsOf, dayRange } from '../../planner/ranges.ts';
import { memoizeByObject } from '../stores/cached_read.ts';
import { ENGINE_LIMIT_MS, queryClickHouse, type Stores } from '../stores/engines.ts';
import { cutParams, inGroups, rawBounds } from '../stores/query_params.ts';

const LATE_DAYS = sql('clickhouse/queries/api_late_days.sql');

/** Late clicks are not in the count, so that they may be told so much later. */
const MAX_AGE_MS = 1_000;
const MOST_KEPT = 10_000;

interface Look {
  startedMs: number;
  hasLate: Promise<boolean>;
}

/** The last look at each run. */
const looksOf = memoizeByObject((_: Pick<Stores, 'clickhouse'>) => new Map<string, Look>());

/** The runs whose days anything came for beyond their cuts; nearly always none. Questions share what was looked up. */
export async function runsWithLate(stores: Stores, runs: PublishedRun[]): Promise<PublishedRun[]> {
  const looks = looksOf(stores);
  const nowMs = performance.now();
  const isDue = (run: PublishedRun): boolean => nowMs - (looks.get(runKey(run))?.startedMs ?? -Infinity) > MAX_AGE_MS;
  if (looks.size > MOST_KEPT) looks.clear();
  for (const group of inGroups(runs.filter(isDue))) {
    const found = lookAt(stores, group);
    for (const run of group) {
      const look = { startedMs: nowMs, hasLate: found.then((dates) => dates.has(run.date)) };
      looks.set(runKey(run), look);
      look.hasLate.catch(() => {
        if (looks.get(runKey(run)) === look) looks.delete(runKey(run));
      });
    }
  }
  const known = await Promise.all(runs.map(async (run) => ({ run, hasLate: await looks.get(runKey(run))?.hasLate })));
  return known.filter(({ hasLate }) => hasLate).map(({ run }) => run);
}

async function lookAt(stores: Stores, runs: PublishedRun[]): Promise<Set<string>> {
  const bounds = boundsOf(runs.map(({ date }) => dayRange(date)));
  if (bounds === null) return new Set();
  const params = { ...rawBounds(bounds), ...cutParams(runs) };
  const days = await queryClickHouse<{ date: string }>(stores, LATE_DAYS, params, AbortSignal.timeout(ENGINE_LIMIT_MS));
  return new Set(days.map(({ date }) => date));
}
