import { minutesIndex } from '../../domain/names.ts';
import { readMinutesGone } from '../../infra/minutes_gone.ts';
import { readRestored } from '../../infra/restored.ts';
import type { BatchEngines } from '../run/engines.ts';
import { figuresOf, NO_FIGURES } from '../run/events.ts';
import { RefusedError } from '../run/failure.ts';
import { holdDay } from '../run/hold_day.ts';
import { batchRuns, publishedRuns } from '../run/ledger.ts';
import type { LedgerEvent } from '../run/ledger_row.ts';
import { realtimeClicks } from '../run/load.ts';
import { record } from '../run/record_event.ts';
import { isDayDone } from '../run/requested.ts';
import { followIfBehind, followLedger } from './propagate.ts';
import { sendFormerRun } from './publish.ts';

interface RollbackRequest {
  day: string;
  /** The day's current run, to be rolled back, or an older one, to return to. */
  run: number;
  reason: string;
  requestedBy: string;
  /** Id in ads.run_requests. */
  request?: string;
}

/**
 * The run that a day goes back to. An older run is named itself; the current one is rolled back to the run that
 * answered before it, which may be 0: the day's real-time counts. Throws for anything else.
 * @param history runs that answered for the day, one after the other
 */
export function rollbackTarget(history: number[], { day, run }: Pick<RollbackRequest, 'day' | 'run'>): number {
  if (!history.includes(run)) throw new RefusedError(`${day} has no run ${run} that was ever published`);
  const now = history.at(-1) ?? 0;
  // Before its first publication: a later one was a return to it.
  if (run === now) return history[history.indexOf(run) - 1] ?? 0;
  if (run < now) return run;
  const source = now === 0 ? 'its real-time counts' : `run ${now}`;
  throw new RefusedError(`${day} cannot go back to run ${run}: it is answered from ${source}`);
}

/** Publishes the previous run, or the real-time counts again. Returns the run that answers for the day now. */
export async function rollback(engines: BatchEngines, request: RollbackRequest): Promise<number> {
  const { clickhouse, log } = engines;
  const { day, reason, requestedBy, request: id } = request;
  return holdDay(engines, day, async (held) => {
    // A killed rollback may be requested again, and be refused because it is done.
    await followIfBehind(engines, day);
    const history = await publishedRuns(clickhouse, day);
    const from = history.at(-1);
    // Once for a request: the run it names may by now be the current one, and would be taken back as well.
    if (id !== undefined && (await isDayDone(clickhouse, day, id))) return from ?? 0;
    const target = rollbackTarget(history, request);
    if (target === 0) {
      await refuseGone(engines, day);
      await refuseWithoutRealtime(engines, day);
    }
    await refuseWithheld(engines, day, target);
    if (target > 0) await sendFormerRun(engines, { day, run: target }, from ?? 0);
    const nowMs = await engines.clock.read();
    const run = (await batchRuns(clickhouse, day)).find((row) => row.run === target);
    held.assertHeld();
    const event: LedgerEvent = {
      day,
      run: target,
      state: 'published',
      reason,
      requested_by: requestedBy,
      started_at: nowMs,
      finished_at: nowMs,
      ...(run ? figuresOf(run) : NO_FIGURES),
      request: id ?? run?.request ?? '',
      note: `rolled back from run ${from}`,
    };
    await record(engines, held, event, nowMs);
    log.info({ day, from, to: target }, 'rolled back');
    await followLedger(engines, day);
    return target;
  });
}

/** A day's real-time index is dropped some days after its first run; then it cannot be restored. */
async function refuseWithoutRealtime({ clickhouse, elasticsearch, event }: BatchEngines, day: string): Promise<void> {
  const index = minutesIndex(event, day, 'rt');
  if (await elasticsearch.indices.exists({ index })) return;
  if ((await realtimeClicks(clickhouse, day)) === 0) return;
  throw new RefusedError(`the first run of ${day} cannot be rolled back: the day's real-time index is gone`);
}

/** Real-time minutes of the day that are gone for their age. */
async function refuseGone({ clickhouse }: BatchEngines, day: string): Promise<void> {
  const gone = await readMinutesGone(clickhouse);
  if (!gone.some((one) => one.day === day && one.run === 0)) return;
  throw new RefusedError(
    `the first run of ${day} cannot be rolled back: its minutes in real time are gone (MINUTE_DAYS); rebuild the day instead`,
  );
}

/** A run that was lost with ClickHouse, and could not be brought back. */
async function refuseWithheld({ clickhouse }: BatchEngines, day: string, run: number): Promise<void> {
  if ((await readRestored(clickhouse))?.withheld.has(`${day}/${run}`) !== true) return;
  throw new RefusedError(`run ${run} of ${day} was lost with ClickHouse and could not be brought back`);
}
