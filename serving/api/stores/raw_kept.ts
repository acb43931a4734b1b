import type { ClickHouseClient } from '../../../infra/clients/clickhouse.ts';
import { ANNOUNCED_MS, rawSinceMs, readRawKept, surelyKeptSinceMs } from '../../../infra/raw_kept.ts';
import { cachedRead } from './cached_read.ts';
import type { Stores } from './engines.ts';

/** Much less than the time between an announcement and the drop. */
export const KEPT_MAX_AGE_MS = ANNOUNCED_MS / 15;

/** Since when all raw rows are kept: by the record beside them, or while that cannot be read, surely since then. */
export function createRawSince(clickhouse: ClickHouseClient): Stores['rawSinceMs'] {
  const read = cachedRead(KEPT_MAX_AGE_MS, () => readRawKept(clickhouse, 0));
  return (nowMs) =>
    read().then(
      (kept) => rawSinceMs(kept, nowMs),
      () => surelyKeptSinceMs(nowMs),
    );
}
