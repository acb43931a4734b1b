import { minutesIndex } from '../../domain/names.ts';
import { type BatchRun, batchRuns, type CurrentRun, currentRuns, record } from '../ledger.ts';
import type { BatchEngines } from './engines.ts';
import { followLedger } from './follow.ts';
import { realtimeClicks } from './load.ts';
import { lockDay } from './lock.ts';

interface RollbackRequest {
  day: string;
  /** The day's current run, to be taken back, or an older one, to return to. */
  run: number;
  reason: string;
  requestedBy: string;
}

/**
 * The run that a day goes back to. An older run is named itself; the current one is taken back, to the last one
 * published before it, or to 0 (the day's real-time counts) if it is the first. Throws for anything else.
 */
export function rollbackTarget(
  runs: BatchRun[],
  current: CurrentRun | undefined,
  { day, run }: RollbackRequest,
): number {
  if (!runs.some((row) => row.run === run)) throw new Error(`${day} has no run ${run}`);
  const now = current?.run ?? 0;
  const published = runs.filter((row) => row.published_at !== null).map((row) => row.run);
  if (run < now && published.includes(run)) return run;
  if (run !== now) {
    const source = now === 0 ? 'its real-time counts' : `run ${now}`;
    throw new Error(`${day} cannot go back to run ${run}: it is answered from ${source}`);
  }
  return Math.max(0, ...published.filter((before) => before < run));
}

/** Publishes the run before, or the real-time counts again. Returns the run that the day is answered from now. */
export async function rollback(engines: BatchEngines, request: RollbackRequest): Promise<number> {
  const { archiveDir, clickhouse, log } = engines;
  const { day, reason, requestedBy } = request;
  const lock = lockDay(archiveDir, day);
  try {
    const runs = await batchRuns(clickhouse, day);
    const current = (await currentRuns(clickhouse)).get(day);
    const from = current?.run ?? 0;
    const target = rollbackTarget(runs, current, request);
    if (target === 0) await refuseWithoutRealtime(engines, day);
    const nowMs = Date.now();
    const facts = factsOf(runs.find((row) => row.run === target));
    const times = { started_at: nowMs, finished_at: nowMs };
    lock.assertHeld();
    const event = {
      day,
      run: target,
      state: 'published' as const,
      reason,
      requested_by: requestedBy,
      ...facts,
      ...times,
    };
    const seq = await record(clickhouse, { ...event, note: `rolled back from run ${from}` }, nowMs);
    log.info({ day, from, to: target }, 'rolled back');
    await followLedger(engines, [{ day, run: target, cut: facts.cut, seq }]);
    return target;
  } finally {
    lock.release();
  }
}

/** The ledger's row repeats what the run was: readers take a run's figures from its latest row. */
const factsOf = (run: BatchRun | undefined) => ({
  clicks: run?.clicks ?? 0,
  copies_dropped: run?.copies_dropped ?? 0,
  late_included: run?.late_included ?? 0,
  cut: run?.cut ?? {},
  inputs: run?.inputs ?? '',
  difference: run?.difference ?? 0,
});

/** A day's real-time index is dropped some days after its first run; then there is nothing to go back to. */
async function refuseWithoutRealtime({ clickhouse, elasticsearch }: BatchEngines, day: string): Promise<void> {
  const index = minutesIndex(day, 'rt');
  if (await elasticsearch.indices.exists({ index })) return;
  if ((await realtimeClicks(clickhouse, day)) === 0) return;
  throw new Error(`the first run of ${day} cannot be rolled back: the day's real-time index is gone`);
}
