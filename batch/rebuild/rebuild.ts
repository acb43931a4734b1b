import { manifestsOf } from '../archive/files/manifest.ts';
import { dirtyDays } from '../archive/totals.ts';
import { archiveReached, cutNow } from '../run/arrived.ts';
import { requireEnded } from '../run/ended.ts';
import type { BatchEngines } from '../run/engines.ts';
import { type HeldDay, holdDay } from '../run/hold_day.ts';
import { type BatchRun, statesOf } from '../run/ledger.ts';
import { allocateRun, type RunFile, readRun, runNumbers } from '../run/run_files.ts';
import type { Step } from '../run/step.ts';
import { followIfBehind } from './propagate.ts';
import { finishRun, recorded } from './publish.ts';

export interface RunRequest {
  day: string;
  reason: string;
  requestedBy: string;
  /** Id in ads.run_requests. */
  request?: string;
  /** X-Request-Id of the HTTP request that asked for it. */
  requestId?: string;
  /** Called after each step; the run can be resumed after any of them. */
  onStep?(step: Step, run: RunFile): void;
}

/**
 * Recounts an ended day and publishes the run. A run that was begun and never finished is finished first, with its own
 * number and cut, and is the result if no clicks of the day came after its cut; for a request of the API, if it was
 * begun for that request.
 */
export async function rebuildDay(engines: BatchEngines, request: RunRequest): Promise<BatchRun> {
  const { day } = request;
  await requireEnded(engines, [day]);
  return holdDay(engines, day, (held) => rebuildHeld(engines, request, held));
}

/** The same unless `isNeeded`, called while holding the day's lock, returns false; then null. */
export async function rebuildIfNeeded(
  engines: BatchEngines,
  request: RunRequest,
  isNeeded: () => Promise<boolean>,
): Promise<BatchRun | null> {
  await requireEnded(engines, [request.day]);
  return holdDay(engines, request.day, async (held) =>
    (await isNeeded()) ? rebuildHeld(engines, request, held) : null,
  );
}

async function rebuildHeld(engines: BatchEngines, request: RunRequest, held: HeldDay): Promise<BatchRun> {
  const { day } = request;
  await followIfBehind(engines, day);
  const last = await lastRun(engines, day);
  if (last?.state === 'counting' || last?.state === 'accepted') {
    const unfinished = last.file;
    engines.log.info({ day, run: unfinished.run }, 'taking up an unfinished run');
    await finishRun(engines, unfinished, held, request.onStep);
    const isAnswer = request.request ? request.request === unfinished.request : !(await hasNews(engines, unfinished));
    if (isAnswer) return recorded(engines, unfinished);
  }
  const run = await beginRun(engines, request);
  await finishRun(engines, run, held, request.onStep);
  return recorded(engines, run);
}

/** Takes the day's next number; from here on the run has its cut. */
export async function beginRun(engines: BatchEngines, asked: RunRequest, preview = false): Promise<RunFile> {
  const { day, reason, requestedBy, request = '', requestId: request_id = '', onStep } = asked;
  const cut = await cutNow(engines);
  const known = Math.max(0, ...(await statesOf(engines.clickhouse, day)).keys());
  const begun = { day, cut, reason, requested_by: requestedBy, started_at: Date.now(), request, request_id };
  const run = await allocateRun(engines, preview ? { ...begun, preview } : begun, known);
  onStep?.('begun', run);
  return run;
}

/** The last run of a day that was begun for publishing; null if there is none. */
export async function lastRun({ archiveDir, clickhouse }: BatchEngines, day: string) {
  const states = await statesOf(clickhouse, day);
  for (const number of runNumbers(archiveDir, day).reverse()) {
    const file = readRun(archiveDir, day, number);
    if (!file.preview) return { file, state: states.get(number) ?? ('counting' as const) };
  }
  return null;
}

/** Whether clicks of the day have arrived after the run's cut by now. */
async function hasNews(engines: BatchEngines, { day, cut, run }: RunFile): Promise<boolean> {
  await archiveReached(engines, await cutNow(engines), `${day}-r${run}-news`);
  return dirtyDays(manifestsOf(engines.archiveDir), new Map([[day, cut]])).includes(day);
}
