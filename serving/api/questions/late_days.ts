import { z } from 'zod';
import { day } from '../../../domain/fields.ts';
import type { PublishedRun } from '../../../domain/receipt.ts';
import { sql } from '../../../infra/sql.ts';
import { runKey } from '../../planner/archive.ts';
import { boundsOf, dayRange } from '../../planner/ranges.ts';
import { memoizeByObject } from '../stores/cached_read.ts';
import { ENGINE_LIMIT_MS, queryRowsOf, type Stores } from '../stores/engines.ts';
import { cutParams, inGroups, rawBounds } from '../stores/query_params.ts';

const LATE_DAYS = sql('clickhouse/queries/api_late_days.sql');

const lateDay = z.object({ date: day });

/** Late clicks are not in the count, so they may be reported this much later. */
const MAX_AGE_MS = 1_000;
const MAX_CACHED_RUNS = 10_000;

interface LateCheck {
  startedMs: number;
  hasLate: Promise<boolean>;
}

/** The last check of each run. */
const checksOf = memoizeByObject((_: Pick<Stores, 'clickhouse'>) => new Map<string, LateCheck>());

/** Runs whose days received clicks after their cuts; nearly always none. Questions share the checks. */
export async function runsWithLate(stores: Stores, runs: PublishedRun[]): Promise<PublishedRun[]> {
  const checks = checksOf(stores);
  const nowMs = performance.now();
  const isDue = (run: PublishedRun): boolean => nowMs - (checks.get(runKey(run))?.startedMs ?? -Infinity) > MAX_AGE_MS;
  if (checks.size > MAX_CACHED_RUNS) checks.clear();
  for (const group of inGroups(runs.filter(isDue))) {
    const found = readLateDays(stores, group);
    for (const run of group) {
      const check = { startedMs: nowMs, hasLate: found.then((dates) => dates.has(run.date)) };
      checks.set(runKey(run), check);
      check.hasLate.catch(() => {
        if (checks.get(runKey(run)) === check) checks.delete(runKey(run));
      });
    }
  }
  const known = await Promise.all(runs.map(async (run) => ({ run, hasLate: await checks.get(runKey(run))?.hasLate })));
  return known.filter(({ hasLate }) => hasLate).map(({ run }) => run);
}

async function readLateDays(stores: Stores, runs: PublishedRun[]): Promise<Set<string>> {
  const bounds = boundsOf(runs.map(({ date }) => dayRange(date)));
  if (bounds === null) return new Set();
  const params = { ...rawBounds(bounds), ...cutParams(runs) };
  const days = await queryRowsOf(stores, lateDay, LATE_DAYS, params, AbortSignal.timeout(ENGINE_LIMIT_MS));
  return new Set(days.map(({ date }) => date));
}
