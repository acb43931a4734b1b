import { freshnessMs } from '../../../domain/watermark.ts';
import { EngineFailure } from '../contract/engine_failure.ts';
import { unavailable } from '../contract/problem.ts';
import { isoOrNull } from '../questions/receipt.ts';
import { cachedRead } from '../stores/cached_read.ts';
import { queryClickHouse, type Stores } from '../stores/engines.ts';
import { type IndexerState, readIndexerState } from '../stores/search_state.ts';
import type { ReadLags } from './lag.ts';
import { readLastRun } from './runs.ts';

interface Clock {
  nowMs: number;
  latenessMs: number;
}

function freshnessOf({ watermarkMs, boundaryMs }: Pick<IndexerState, 'watermarkMs' | 'boundaryMs'>, clock: Clock) {
  const ageMs = watermarkMs === null ? null : freshnessMs(watermarkMs, clock.latenessMs, clock.nowMs);
  return {
    watermark: isoOrNull(watermarkMs),
    boundary: isoOrNull(boundaryMs),
    freshness_seconds: ageMs === null ? null : ageMs / 1_000,
  };
}

/** All that an advertiser may see: how much is clicked on other ads, and when it was counted, is not for them. */
export const readFreshness = async (stores: Stores, clock: Clock) => freshnessOf(await readIndexerState(stores), clock);

/** Throws a Problem with the known parts if an engine is unavailable. */
export async function readApiStatus(stores: Stores, readLags: ReadLags, clock: Clock, signal: AbortSignal) {
  const [state, lag, lastRun] = await Promise.allSettled([
    readIndexerState(stores),
    readLags(),
    readLastRun(stores, signal),
  ]);
  const status = {
    ...freshnessOf(state.status === 'fulfilled' ? state.value : { watermarkMs: null, boundaryMs: null }, clock),
    lag: lag.status === 'fulfilled' ? lag.value : null,
    last_run: lastRun.status === 'fulfilled' ? lastRun.value : null,
  };
  const failures = failuresOf([state, lag, lastRun]);
  if (failures.length === 0) return status;
  const detail = failures.map(({ message }) => message).join('; ');
  throw unavailable(
    failures.map(({ engine }) => engine),
    detail,
    status,
    failures[0]?.cause,
  );
}

/** Probes come from anybody, as often as they like, and each reading asks all engines. */
const READY_AGE_MS = 1_000;

/** Throws a Problem that names everything still missing. What is missing is known for a second. */
export function createReadyCheck(stores: Stores, readLags: ReadLags): () => Promise<void> {
  const read = cachedRead(READY_AGE_MS, (signal) => readMissing(stores, readLags, signal));
  return async () => {
    const missing = await read();
    if (missing.length > 0) throw unavailable(missing, `not ready: ${missing.join(', ')} missing`, null);
  };
}

async function readMissing(stores: Stores, readLags: ReadLags, signal: AbortSignal): Promise<string[]> {
  const [state, ...others] = await Promise.allSettled([
    readIndexerState(stores),
    queryClickHouse({ clickhouse: stores.ledger }, 'SELECT 1', {}, signal),
    readLags(),
  ]);
  const missing: string[] = failuresOf([state, ...others]).map(({ engine }) => engine);
  // While messages are set aside there is a watermark and no boundary: ClickHouse answers, which is ready enough.
  if (state.status === 'fulfilled' && state.value.watermarkMs === null) missing.push('boundary');
  return missing;
}

function failuresOf(results: PromiseSettledResult<unknown>[]): EngineFailure[] {
  return results
    .filter((result) => result.status === 'rejected')
    .map(({ reason }) => {
      if (reason instanceof EngineFailure) return reason;
      throw reason;
    });
}
