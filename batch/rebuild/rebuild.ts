import { dayOf } from '../../domain/time.ts';
import { manifestsOf } from '../archive/manifest.ts';
import { dirtyDays } from '../archive/totals.ts';
import { type BatchRun, batchRuns, statesOf } from '../ledger.ts';
import { archiveReached, cutNow } from './arrived.ts';
import type { BatchEngines } from './engines.ts';
import { finishRun, type Step } from './finish.ts';
import { followIfBehind } from './follow.ts';
import { type DayLock, lockDay } from './lock.ts';
import { allocateRun, type RunFile, readRun, runNumbers } from './run_files.ts';

export interface RunRequest {
  day: string;
  reason: string;
  requestedBy: string;
  /** Told after each step; the run can be taken up again after any of them. */
  onStep?(step: Step, run: RunFile): void;
}

/** Throws if the day is not over: what is counted then would not be final by tomorrow. */
export function refuseUnended(day: string, nowMs: number): void {
  if (day >= dayOf(nowMs)) throw new Error(`${day} has not ended yet (days are UTC): only ended days can be rebuilt`);
}

/**
 * Counts an ended day anew and publishes the run. A run that was begun and never finished is finished first, with its
 * own number and cut, and is the answer if nothing of the day came in after its cut.
 */
export async function rebuildDay(engines: BatchEngines, request: RunRequest): Promise<BatchRun> {
  const { day } = request;
  refuseUnended(day, Date.now());
  const lock = lockDay(engines.archiveDir, day);
  try {
    return await rebuildLocked(engines, request, lock);
  } finally {
    lock.release();
  }
}

/** The same unless `isNeeded`, asked when nobody else works on the day any more, says no; then null. */
export async function rebuildIfNeeded(
  engines: BatchEngines,
  request: RunRequest,
  isNeeded: () => Promise<boolean>,
): Promise<BatchRun | null> {
  refuseUnended(request.day, Date.now());
  const lock = lockDay(engines.archiveDir, request.day);
  try {
    return (await isNeeded()) ? await rebuildLocked(engines, request, lock) : null;
  } finally {
    lock.release();
  }
}

async function rebuildLocked(engines: BatchEngines, request: RunRequest, lock: DayLock): Promise<BatchRun> {
  const { day } = request;
  await followIfBehind(engines, day);
  const unfinished = await unfinishedRun(engines, day);
  if (unfinished) {
    engines.log.info({ day, run: unfinished.run }, 'taking up an unfinished run');
    await finishRun(engines, unfinished, lock, request.onStep);
    if (!(await hasNews(engines, unfinished))) return asRecorded(engines, unfinished);
  }
  const run = await beginRun(engines, request);
  await finishRun(engines, run, lock, request.onStep);
  return asRecorded(engines, run);
}

async function beginRun(engines: BatchEngines, { day, reason, requestedBy, onStep }: RunRequest): Promise<RunFile> {
  const { archiveDir, clickhouse } = engines;
  const cut = await cutNow(engines);
  const known = Math.max(0, ...(await statesOf(clickhouse, day)).keys());
  const run = allocateRun(archiveDir, { day, cut, reason, requested_by: requestedBy, started_at: Date.now() }, known);
  onStep?.('begun', run);
  return run;
}

/** The last run of a day if neither published nor failed. */
async function unfinishedRun({ archiveDir, clickhouse }: BatchEngines, day: string): Promise<RunFile | null> {
  const last = runNumbers(archiveDir, day).at(-1);
  if (last === undefined) return null;
  const state = (await statesOf(clickhouse, day)).get(last) ?? 'counting';
  return state === 'counting' ? readRun(archiveDir, day, last) : null;
}

/** Whether clicks of the day have arrived beyond the run's cut by now. */
async function hasNews(engines: BatchEngines, { day, cut, run }: RunFile): Promise<boolean> {
  await archiveReached(engines, await cutNow(engines), `${day}-r${run}-news`);
  return dirtyDays(manifestsOf(engines.archiveDir), new Map([[day, cut]])).includes(day);
}

async function asRecorded({ clickhouse }: BatchEngines, { day, run }: RunFile): Promise<BatchRun> {
  const recorded = (await batchRuns(clickhouse, day)).find((row) => row.run === run);
  if (!recorded) throw new Error(`run ${run} of ${day} is not in the ledger`);
  return recorded;
}
