import { z } from 'zod';
import type { EncodedRows } from '../../domain/click/wire.ts';
import type { Cut } from '../../domain/cut.ts';
import { count } from '../../domain/fields.ts';
import { DAY_MS, dayOf, dayStartMs } from '../../domain/time.ts';
import { rowsOf } from '../../infra/clients/clickhouse.ts';
import { insertRows } from '../../infra/insert_rows.ts';
import { recordRestored } from '../../infra/restored.ts';
import { sql } from '../../infra/sql.ts';
import type { Manifest } from '../archive/files/manifest.ts';
import { openFill } from '../replay/fill.ts';
import type { BatchEngines } from '../run/engines.ts';

const COUNTS = sql('clickhouse/restore/counts.sql');
const heldOfDay = z.object({ clicks: count, copies: count, by_ad: count, by_minute: count });

const EVERY_MONTH = { has: () => true };

interface DayToFill {
  day: string;
  cut: Cut;
  manifests: readonly Manifest[];
  dedupeWindowMs: number;
  /** Whether the sink counts meanwhile. */
  isCounting: boolean;
  onProgress(clicks: number): void;
}

/**
 * Fills the real-time tables with a day's archived clicks below the cut, as the sink would have, and puts it on record.
 * Repeated after a kill it inserts the same blocks under the same tokens, which ClickHouse drops where it has them.
 */
export async function fillDay(engines: BatchEngines, asked: DayToFill): Promise<void> {
  const { clickhouse } = engines;
  const { day, cut, manifests, dedupeWindowMs, onProgress } = asked;
  const blocks = { clicks: 0, copies_dropped: 0 };
  const insert = async (table: 'clicks' | 'copies_dropped', rows: EncodedRows): Promise<void> => {
    if (rows.count === 0) return;
    await insertRows(clickhouse, table, rows, `restore-${day}-${blocks[table]++}`);
  };
  const fill = await openFill({
    engines,
    staging: { insert },
    days: { from: day, to: dayOf(dayStartMs(day) + DAY_MS) },
    months: EVERY_MONTH,
    dedupeWindowMs,
    onProgress,
    manifests,
  });
  await fill.fill({}, cut);
  const { rows, copies } = fill.staged();
  const [held] = await rowsOf(clickhouse, heldOfDay, COUNTS, { day, cut });
  const isWhole =
    held?.clicks === rows &&
    held.copies === copies &&
    (asked.isCounting ? Math.min(held.by_ad, held.by_minute) >= rows : held.by_ad === rows && held.by_minute === rows);
  if (!isWhole) {
    throw new Error(
      `${day}: ${rows} clicks and ${copies} copies were filled from the archive, and ClickHouse holds ` +
        `${JSON.stringify(held)}: something else writes there. Stop it, empty ClickHouse's folder and restore again`,
    );
  }
  await recordRestored(clickhouse, 'raw', { day });
}
