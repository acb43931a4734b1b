import { adChange, type Preview, preview } from '../../domain/run_request.ts';
import { rowsOf } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';
import { clicksArrived } from '../run/arrived.ts';
import { requireEnded } from '../run/ended.ts';
import type { BatchEngines } from '../run/engines.ts';
import { eventsOf } from '../run/events.ts';
import { holdDay } from '../run/hold_day.ts';
import { currentRuns } from '../run/ledger.ts';
import { loadedPartition } from '../run/load.ts';
import { reconcilePrepared } from './gate.ts';
import { countOnce, loadCounted } from './prepare.ts';
import { beginRun, type RunRequest } from './rebuild.ts';

const SQL = {
  totals: sql('clickhouse/queries/preview_totals.sql'),
  ads: sql('clickhouse/queries/preview_ads.sql'),
};

const NOT_COUNTED = 'not counted: it is under way, or was given up';
const MOST_ADS = 1_000;

const previewTotals = preview.pick({ before: true, after: true, ads_changed: true });

/** Counts a run of an ended day and compares it with the day's current answer. The run is never published. */
export async function previewDay(engines: BatchEngines, request: RunRequest): Promise<Preview> {
  const { day, onStep = () => {} } = request;
  await requireEnded(engines, [day]);
  return holdDay(engines, day, async (held) => {
    const run = await beginRun(engines, request, true);
    const write = eventsOf(engines, run, held);
    await write('previewed', { note: NOT_COUNTED });
    await clicksArrived(engines, run);
    onStep('arrived', run);
    const counted = await countOnce(engines, run, held);
    engines.log.info({ day, run: run.run }, 'counted');
    onStep('counted', run);
    const prepared = await loadCounted(engines, run, counted, held);
    onStep('loaded', run);
    const { verdict, unexplained } = await reconcilePrepared(engines, run, prepared);
    onStep('reconciled', run);
    const changes = await changesOf(engines, day, run.run);
    await write('previewed', { ...prepared.figures, verdict, unexplained, finished_at: Date.now() });
    return { date: day, run: run.run, ...changes, verdict, unexplained };
  });
}

async function changesOf({ clickhouse }: BatchEngines, day: string, run: number) {
  const current = (await currentRuns(clickhouse)).get(day)?.run ?? 0;
  const current_partition = current === 0 ? '' : loadedPartition({ day, run: current });
  const ask = { day, current, current_partition, partition: loadedPartition({ day, run }) };
  const [totals] = await rowsOf(clickhouse, previewTotals, SQL.totals, ask);
  const ads = await rowsOf(clickhouse, adChange, SQL.ads, { ...ask, limit: MOST_ADS });
  return { previous_run: current, before: 0, after: 0, ads_changed: 0, ...totals, ads };
}
