import { z } from 'zod';
import type { Cut } from '../../domain/cut.ts';
import { count } from '../../domain/fields.ts';
import type { ConservationRule, Reconciliation } from '../../domain/reconciliation.ts';
import { iso } from '../../domain/time.ts';
import { rowsOf } from '../../infra/clients/clickhouse.ts';
import { readRawSinceMs } from '../../infra/raw_kept.ts';
import { sql } from '../../infra/sql.ts';
import { manifestsOf } from '../archive/files/manifest.ts';
import { sinkReached } from '../run/arrived.ts';
import type { BatchEngines } from '../run/engines.ts';
import { compareDay } from './compare.ts';
import { firstArrivalMs, rawOf, verdictOf } from './verdict.ts';

const ROWS_BELOW = sql('clickhouse/queries/reconcile_rows_below.sql');
const rowsBelow = z.object({ kept: count });

/** A run that is loaded into ClickHouse. */
interface LoadedRun {
  day: string;
  run: number;
  cut: Cut;
  clicks: number;
  /** Archived rows of the day below the cut. */
  archived: number;
  /** The run that answers for the day; 0: real time. */
  previousRun: number;
  rules: ConservationRule[];
}

/** Compares a run with the current real-time counts, once real time has passed the run's cut. */
export async function reconcile(engines: BatchEngines, run: LoadedRun, limit: number): Promise<Reconciliation> {
  await sinkReached(engines, run.cut);
  const raw = await rawState(engines, run);
  const { totals, worstAds } = await compareDay(engines, run, raw);
  const unexplained = totals.lost + totals.surplus;
  return {
    date: run.day,
    run: run.run,
    reconciled_at: iso(Date.now()),
    verdict: verdictOf(unexplained, limit, raw),
    unexplained_limit: limit,
    raw,
    realtime: run.clicks + totals.difference,
    counted: run.clicks,
    ...totals,
    unexplained,
    rules: run.rules,
    worst_ads: worstAds,
  };
}

async function rawState({ archiveDir, clickhouse, clock }: BatchEngines, { day, cut, archived }: LoadedRun) {
  const [found] = await rowsOf(clickhouse, rowsBelow, ROWS_BELOW, { day, cut });
  if (!found) throw new Error(`the real-time rows of ${day} were not counted`);
  const sinceMs = await readRawSinceMs(clickhouse, await clock.read());
  return rawOf(firstArrivalMs(manifestsOf(archiveDir), day, cut), archived - found.kept, sinceMs);
}

/** Stores the report; the latest report of a run decides about it. */
export const keep = ({ clickhouse }: Pick<BatchEngines, 'clickhouse'>, report: Reconciliation): Promise<unknown> =>
  clickhouse.insert({ table: 'reconciliations', values: [report], format: 'JSONEachRow' });
