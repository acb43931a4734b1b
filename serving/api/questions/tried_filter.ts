import { z } from 'zod';
import { count } from '../../../domain/fields.ts';
import { filterOf, type Where } from '../../../domain/filters/registered_filter.ts';
import { iso, MINUTE_MS } from '../../../domain/time.ts';
import { filterParam } from '../../../infra/filters.ts';
import { sql } from '../../../infra/sql.ts';
import { queryRowsOf, type Stores } from '../stores/engines.ts';

const TRY = sql('clickhouse/queries/api_filter_try.sql');

const MOST_ADS = 10;
/** So that it disturbs neither inserts nor other questions: one thread, and an end. */
const BOUNDED = { max_threads: 1, max_execution_time: 5 };

const triedAd = z.object({ ad_id: z.string(), count, clicks: count, of: count });

/** What a filter would have matched of the clicks of the last minutes, as they came: copies may be among them. */
export async function tryFilter(
  stores: Pick<Stores, 'clickhouse'>,
  { where, minutes }: { where: Where; minutes: number },
  nowMs: number,
  signal: AbortSignal,
) {
  const fromMs = nowMs - minutes * MINUTE_MS;
  const params = { filter: filterParam(filterOf(where)), from_ms: fromMs, to_ms: nowMs, limit: MOST_ADS };
  const rows = await queryRowsOf(stores, triedAd, TRY, params, signal, BOUNDED);
  const { clicks = 0, of = 0 } = rows[0] ?? {};
  const ads = rows.filter(({ count }) => count > 0).map(({ ad_id, count }) => ({ ad_id, count }));
  return { minutes, from: iso(fromMs), to: iso(nowMs), clicks, of, ads };
}
