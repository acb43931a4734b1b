import type { ClickHouseClient } from '../../../infra/clients/clickhouse.ts';
import { readMinutesGone } from '../../../infra/minutes_gone.ts';
import { runKey } from '../../planner/archive.ts';
import { cachedRead } from './cached_read.ts';
import { engineCall, type Stores } from './engines.ts';
import { KEPT_MAX_AGE_MS } from './raw_kept.ts';

/** By the record beside the minutes. An EngineFailure while that cannot be read: then neither can minutes. */
export function createMinutesGone(clickhouse: ClickHouseClient): Stores['minutesGone'] {
  const read = cachedRead(KEPT_MAX_AGE_MS, async () => {
    const gone = await readMinutesGone(clickhouse);
    return new Set(gone.filter(({ run }) => run > 0).map(({ day, run }) => runKey({ date: day, run })));
  });
  return () => engineCall('clickhouse', read());
}
