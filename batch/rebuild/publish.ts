import type { Totals } from '../../domain/ad_minutes.ts';
import { hoursIndex, minutesIndex, runSource, stateIndexOf } from '../../domain/names.ts';
import { waitUntil } from '../../infra/wait.ts';
import { clicksArrived } from '../run/arrived.ts';
import type { BatchEngines } from '../run/engines.ts';
import { eventsOf } from '../run/events.ts';
import { RunFailedError } from '../run/failure.ts';
import { readHeldDays } from '../run/held_days.ts';
import type { HeldDay } from '../run/hold_day.ts';
import { type BatchRun, batchRuns, statesOf } from '../run/ledger.ts';
import type { Prepared } from '../run/prepared.ts';
import { type Counted, filterFolder, type RunFile, readCounted, readRun, runFolder } from '../run/run_files.ts';
import type { Step } from '../run/step.ts';
import { recordFilters } from './filter_rows.ts';
import { passGate } from './gate.ts';
import { runHours } from './hours.ts';
import { outputFiles, outputRows } from './output.ts';
import { bringBack, countOnce, loadCounted } from './prepare.ts';
import { followLedger } from './propagate.ts';
import { indexedTotals, openRunsQueue, type RunRows, sendRun } from './send.ts';

const INDEX_STALL_MS = 180_000;

/**
 * Continues a run from wherever it was left until it is published. Every step is idempotent; the ledger's event is the
 * commit point, and later steps follow it. Throws RunBlockedError if reconciliation blocks it.
 * @param onStep called after each step
 */
export async function finishRun(
  engines: BatchEngines,
  run: RunFile,
  held: HeldDay,
  onStep: (step: Step, run: RunFile) => void = () => {},
): Promise<void> {
  const step = async <Result>(name: Step, work: () => Promise<Result>): Promise<Result> => {
    const startedMs = performance.now();
    const result = await work();
    engines.watch?.step(name, performance.now() - startedMs);
    engines.log.info({ day: run.day, run: run.run }, name);
    onStep(name, run);
    return result;
  };
  const write = eventsOf(engines, run, held);
  const state = (await statesOf(engines.clickhouse, run.day)).get(run.run);
  if (state === undefined) await write('counting', {});
  try {
    await step('arrived', () => clicksArrived(engines, run));
    const counted = await step('counted', () => countOnce(engines, run, held));
    const prepared = await step('loaded', () => loadCounted(engines, run, counted, held));
    const judged = await step('reconciled', (): Promise<Judged> => {
      return state === 'accepted' ? recorded(engines, run) : passGate(engines, run, prepared, write);
    });
    const sent = await step('sent', () => sendRows(engines, run, prepared));
    await step('indexed', async () => sent && rowsIndexed(engines, run, sent));
    await step('published', () => publish(engines, run, prepared, judged, write));
    await step('followed', () => followLedger(engines, run.day));
  } catch (error) {
    if (error instanceof RunFailedError) {
      await write('failed', { finished_at: Date.now(), note: `${error.reason}: ${error.message}` });
    }
    throw error;
  }
}

/** By reconciliation, or by who accepted the run. */
type Judged = Pick<BatchRun, 'verdict' | 'unexplained'>;

interface SentTotals {
  minutes: Totals;
  hours: Totals;
}

/** Sends the rows of all clicks and of the registered filters to the indexer. Null: there are none, and so no index. */
async function sendRows(
  engines: BatchEngines,
  run: RunFile,
  { counted, files }: Pick<Prepared, 'counted' | 'files'>,
): Promise<SentTotals | null> {
  const minutes = rowTotals(counted);
  if (minutes.documents === 0) return null;
  const queue = await openRunsQueue(engines.admin, engines.producer, engines.topics.adMinutes);
  const rows = { minutes: rowsOf(engines, run, files, counted), hours: runHours(engines.clickhouse, run) };
  const hours = await sendRun(queue, run, rows, { all: minutes, ofAllClicks: counted });
  return { minutes, hours };
}

async function rowsIndexed(engines: BatchEngines, { day, run }: RunFile, { minutes, hours }: SentTotals) {
  await waitForIndex(engines, minutesIndex(engines.event, day, runSource(run)), minutes);
  await waitForIndex(engines, hoursIndex(engines.event, day, runSource(run)), hours);
}

/**
 * Sends a former run that is gone back to once more, if Elasticsearch holds the day and no longer this run. It returns when
 * the rows are indexed; until the roll-back is recorded and announced, the alias shows what answers now.
 * @param answering the run that answers for the day; 0: its real-time counts
 */
export async function sendFormerRun(
  engines: BatchEngines,
  { day, run: number }: Pick<RunFile, 'day' | 'run'>,
  answering: number,
): Promise<void> {
  const { archiveDir, event, log } = engines;
  const held = (await readHeldDays(engines, stateIndexOf(event))).get(day);
  const isHeld = (run: number): boolean => held?.runs.some((one) => one.run === run && one.complete) ?? false;
  const isDayHeld = answering === 0 ? (held?.realtime ?? 'none') !== 'none' : isHeld(answering);
  if (!isDayHeld || isHeld(number)) return;
  const run = readRun(archiveDir, day, number);
  const counted = readCounted(archiveDir, run);
  if (counted === null) return;
  await bringBack(engines, day, number);
  const files = outputFiles(runFolder(archiveDir, day, number));
  const sent = await sendRows(engines, run, { counted, files });
  if (sent) await rowsIndexed(engines, run, sent);
  log.info({ day, run: number }, 'sent again');
}

/** The commit point: from this event on, the run answers for its day. Returns the event's number. */
async function publish(
  { clickhouse }: BatchEngines,
  run: RunFile,
  { counted, figures }: Prepared,
  { verdict, unexplained }: Judged,
  write: ReturnType<typeof eventsOf>,
): Promise<number> {
  await recordFilters(clickhouse, run, counted.filters ?? []);
  return write('published', { ...figures, verdict, unexplained, finished_at: Date.now() });
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
