import type { Totals } from '../../domain/ad_minutes.ts';
import { hoursIndex, minutesIndex, runSource } from '../../domain/names.ts';
import { waitUntil } from '../../infra/wait.ts';
import type { DayLock } from '../day/lock.ts';
import { archiveReached, sinkReached } from '../run/arrived.ts';
import type { BatchEngines } from '../run/engines.ts';
import { eventsOf } from '../run/events.ts';
import { RunFailedError } from '../run/failure.ts';
import { batchRuns, statesOf } from '../run/ledger.ts';
import { type Counted, filterFolder, type RunFile } from '../run/run_files.ts';
import type { Step } from '../run/step.ts';
import { recordFilters } from './filter_rows.ts';
import { passGate } from './gate.ts';
import { runHours } from './hours.ts';
import { outputFiles, outputRows } from './output.ts';
import { prepareRun } from './prepare.ts';
import { followLedger } from './propagate.ts';
import { indexedTotals, openRunsQueue, type RunRows, sendRun } from './send.ts';

const INDEX_STALL_MS = 180_000;

/**
 * Continues a run from wherever it was left until it is published. Every step is idempotent; the ledger's row is the
 * commit point, and later steps follow it. Throws RunBlockedError if reconciliation blocks it.
 */
export async function finishRun(
  engines: BatchEngines,
  run: RunFile,
  lock: DayLock,
  onStep: (step: Step, run: RunFile) => void = () => {},
): Promise<void> {
  const { clickhouse, log } = engines;
  const write = eventsOf(engines, run, lock);
  const done = (step: Step): void => {
    log.info({ day: run.day, run: run.run }, step);
    onStep(step, run);
  };
  const state = (await statesOf(clickhouse, run.day)).get(run.run);
  if (state === undefined) await write('counting', {});
  try {
    await archiveReached(engines, run.cut, `${run.day}-r${run.run}`);
    await sinkReached(engines, run.cut);
    done('arrived');
    const prepared = await prepareRun(engines, run, lock, done);
    const { counted, files, figures } = prepared;
    const judged = state === 'accepted' ? recorded(engines, run) : passGate(engines, run, prepared, write);
    const { verdict, unexplained } = await judged;
    done('reconciled');

    const totals = rowTotals(counted);
    const queue = await openRunsQueue(engines.admin, engines.producer, engines.topics.adMinutes);
    const all = { minutes: rowsOf(engines, run, files, counted), hours: runHours(clickhouse, run) };
    const hours = await sendRun(queue, run, all, { all: totals, ofAllClicks: counted });
    done('sent');
    const source = runSource(run.run);
    await waitForIndex(engines, minutesIndex(run.day, source), totals);
    await waitForIndex(engines, hoursIndex(run.day, source), hours);
    done('indexed');
    await recordFilters(clickhouse, run, counted.filters ?? []);
    const seq = await write('published', { ...figures, verdict, unexplained, finished_at: Date.now() });
    done('published');
    await followLedger(engines, { ...run, seq });
    done('followed');
  } catch (error) {
    if (error instanceof RunFailedError) {
      await write('failed', { finished_at: Date.now(), note: `${error.reason}: ${error.message}` });
    }
    throw error;
  }
}

function rowsOf(
  { archiveDir, duck }: BatchEngines,
  run: RunFile,
  files: string[],
  { filters = [] }: Counted,
): RunRows[] {
  return [
    { filter: null, chunks: outputRows(duck.connection, files) },
    ...filters.map(({ filterId, revision }) => {
      const filter = { filterId, revision };
      return { filter, chunks: outputRows(duck.connection, outputFiles(filterFolder(archiveDir, run, filter))) };
    }),
  ];
}

/** Totals of all rows: of all clicks and, beside them, of filters. */
function rowTotals({ documents, clicks, filters = [] }: Counted): Totals {
  const all = [{ documents, clicks }, ...filters];
  const sum = (name: keyof Totals) => all.reduce((total, counted) => total + counted[name], 0);
  return { documents: sum('documents'), clicks: sum('clicks') };
}

/** A run's row in the ledger. */
export async function recorded({ clickhouse }: Pick<BatchEngines, 'clickhouse'>, run: Pick<RunFile, 'day' | 'run'>) {
  const found = (await batchRuns(clickhouse, run.day)).find((row) => row.run === run.run);
  if (!found) throw new Error(`run ${run.run} of ${run.day} is not in the ledger`);
  return found;
}

async function waitForIndex({ elasticsearch, log, signal }: BatchEngines, index: string, sent: Totals): Promise<void> {
  await waitUntil(
    `the indexer role to fill ${index}`,
    async () => {
      const indexed = await indexedTotals(elasticsearch, index);
      if (indexed === null) return 'no index yet';
      const { documents, clicks } = indexed;
      if (documents === sent.documents && clicks === sent.clicks) return null;
      return `${documents} of ${sent.documents} documents, ${clicks} of ${sent.clicks} clicks`;
    },
    { stallMs: INDEX_STALL_MS, everyMs: 250, onProgress: (line) => log.info(line), signal },
  );
}
