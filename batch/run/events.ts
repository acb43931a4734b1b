import { type RecordedState, type RunFigures, runFigures } from '../../domain/batch_run.ts';
import type { DayLock } from '../day/lock.ts';
import type { BatchEngines } from './engines.ts';
import { type BatchRun, type LedgerEvent, record } from './ledger.ts';
import type { RunFile } from './run_files.ts';

/** Writes events of a run into the ledger, while the day's lock is held; returns their numbers. */
export function eventsOf(engines: BatchEngines, run: RunFile, lock: DayLock) {
  const { day, run: number, reason, requested_by, started_at, cut, request = '' } = run;
  const known = { day, run: number, reason, requested_by, started_at, cut, request };
  return async (state: RecordedState, result: Partial<LedgerEvent>): Promise<number> => {
    // By the clock that clicks arrive by: answers as of a past time compare the two.
    const recordedMs = await engines.clock.read();
    lock.assertHeld();
    return record(engines, { ...NO_FIGURES, ...known, finished_at: null, note: '', state, ...result }, recordedMs);
  };
}

export const NO_FIGURES: RunFigures = {
  clicks: 0,
  copies_dropped: 0,
  late_included: 0,
  cut: {},
  inputs: '',
  difference: 0,
  conflicts: 0,
  previous_run: 0,
  change: 0,
  verdict: '',
  unexplained: 0,
};

/** An event repeats the run's earlier figures: readers use only its latest event. */
export const figuresOf = (run: BatchRun): RunFigures => runFigures.parse(run);
