import { type RecordedState, type RunFigures, runFigures } from '../../domain/batch_run.ts';
import type { BatchEngines } from './engines.ts';
import type { HeldDay } from './hold_day.ts';
import type { BatchRun } from './ledger.ts';
import type { LedgerEvent } from './ledger_row.ts';
import { record } from './record_event.ts';
import type { RunFile } from './run_files.ts';

/** Writes events of a run into the ledger, while the day is held; returns their numbers. */
export function eventsOf(engines: BatchEngines, run: RunFile, held: HeldDay) {
  const { day, run: number, reason, requested_by, started_at, cut, request = '' } = run;
  const known = { day, run: number, reason, requested_by, started_at, cut, request };
  return async (state: RecordedState, result: Partial<LedgerEvent>): Promise<number> => {
    // By the clock that clicks arrive by: answers as of a past time compare the two.
    const recordedMs = await engines.clock.read();
    held.assertHeld();
    const event = { ...NO_FIGURES, ...known, finished_at: null, note: '', state, ...result };
    return record(engines, held, event, recordedMs);
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
  annotation_conflicts: 0,
  previous_run: 0,
  change: 0,
  verdict: '',
  unexplained: 0,
};

/** An event repeats the run's earlier figures: readers use only its latest event. */
export const figuresOf = (run: BatchRun): RunFigures => runFigures.parse(run);
