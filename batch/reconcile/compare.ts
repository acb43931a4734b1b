import { randomInt } from 'node:crypto';
import { z } from 'zod';
import type { Cut } from '../../domain/cut.ts';
import { count } from '../../domain/fields.ts';
import {
  type ReconciledAd,
  type ReconciledTotals,
  type Reconciliation,
  reconciledAd,
  reconciledTotals,
} from '../../domain/reconciliation.ts';
import { type ClickHouseClient, rowsOf } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';
import { countedNow, endsNow, sinkReached } from '../run/arrived.ts';
import type { BatchEngines } from '../run/engines.ts';
import { loadedPartition } from '../run/load.ts';

const SQL = {
  counts: sql('clickhouse/queries/reconcile_counts.sql'),
  raw: sql('clickhouse/queries/reconcile_raw.sql'),
  dropped: sql('clickhouse/queries/reconcile_dropped.sql'),
  collisions: sql('clickhouse/queries/reconcile_collisions.sql'),
  withoutRaw: sql('clickhouse/queries/reconcile_without_raw.sql'),
  totals: sql('clickhouse/queries/reconcile_totals.sql'),
  worstAds: sql('clickhouse/queries/reconcile_worst_ads.sql'),
  drop: sql('clickhouse/queries/reconcile_drop.sql'),
};

const WORST_ADS = 100;
const droppedClicks = z.object({ dropped: count });

interface Compared {
  day: string;
  run: number;
  cut: Cut;
  /** The run that answers for the day; 0: real time. */
  previousRun: number;
}

/**
 * Compares the real-time counts of a day with the run, within ClickHouse. Counts and raw clicks cannot be read at one
 * instant while the sink inserts, so the counts are read between two known states of its offsets: clicks committed
 * before are in both, clicks sent after are in neither, and the few in between are assumed to be whatever fits.
 */
export async function compareDay(
  engines: BatchEngines,
  compared: Compared,
  raw: Reconciliation['raw'],
): Promise<{ totals: ReconciledTotals; worstAds: ReconciledAd[] }> {
  const { clickhouse } = engines;
  const id = randomInt(2 ** 47);
  const ask = { look: id, day: compared.day, partition: loadedPartition(compared) };
  try {
    const certain = await countedNow(engines);
    await clickhouse.command({ query: SQL.counts, query_params: ask });
    if (raw === 'kept') {
      const ends = await endsNow(engines);
      await sinkReached(engines, ends);
      await clickhouse.command({ query: SQL.raw, query_params: { ...ask, cut: compared.cut, certain, ends } });
      // Nearly always there are none.
      const ofCut = { ...ask, cut: compared.cut };
      const [found] = await rowsOf(clickhouse, droppedClicks, SQL.dropped, ofCut);
      if (found?.dropped !== 0) await clickhouse.command({ query: SQL.collisions, query_params: ofCut });
    } else {
      const { day, previousRun } = compared;
      const previous_partition = previousRun === 0 ? '' : loadedPartition({ day, run: previousRun });
      await clickhouse.command({ query: SQL.withoutRaw, query_params: { ...ask, previous_partition } });
    }
    const [totals] = await rowsOf(clickhouse, reconciledTotals, SQL.totals, { look: id });
    if (!totals) throw new Error(`the reconciliation of ${compared.day} has no totals`);
    const worstAds = await rowsOf(clickhouse, reconciledAd, SQL.worstAds, { look: id, limit: WORST_ADS });
    return { totals, worstAds };
  } finally {
    await drop(clickhouse, id);
  }
}

/** If ClickHouse is down, the table is removed after a day anyway. */
const drop = (clickhouse: ClickHouseClient, id: number): Promise<unknown> =>
  clickhouse.command({ query: SQL.drop, query_params: { look: String(id) } }).catch(() => {});
