import { waitUntil } from '../../infra/wait.ts';
import { currentRuns, type LedgerEvent, type RunState, record, statesOf } from '../ledger.ts';
import { archiveReached, sinkReached } from './arrived.ts';
import { countRun } from './count.ts';
import type { BatchEngines } from './engines.ts';
import { RunFailedError } from './failure.ts';
import { followLedger } from './follow.ts';
import { loadRun, realtimeClicks } from './load.ts';
import type { DayLock } from './lock.ts';
import { outputFiles, outputRows, outputTotals } from './output.ts';
import { type Counted, type RunFile, readCounted, runFolder, writeCounted } from './run_files.ts';
import { indexedTotals, openRunsQueue, sendRun } from './send.ts';
import { copiesDropped, verdict } from './verdict.ts';

export type Step = 'begun' | 'arrived' | 'counted' | 'loaded' | 'sent' | 'indexed' | 'published' | 'followed';

const INDEX_STALL_MS = 180_000;

/**
 * Takes a run from wherever it was left to being published. Every step may be repeated; the ledger's row is the commit
 * point, and what comes behind it follows it.
 */
export async function finishRun(
  engines: BatchEngines,
  run: RunFile,
  lock: DayLock,
  onStep: (step: Step, run: RunFile) => void = () => {},
): Promise<void> {
  const { clickhouse, log } = engines;
  const write = (state: RunState, result: Partial<LedgerEvent>): Promise<number> => {
    lock.assertHeld();
    return record(clickhouse, { ...NOTHING_YET, ...run, state, ...result }, Date.now());
  };
  const done = (step: Step): void => {
    log.info({ day: run.day, run: run.run }, step);
    onStep(step, run);
  };
  if (!(await statesOf(clickhouse, run.day)).has(run.run)) await write('counting', {});
  try {
    await archiveReached(engines, run.cut, `${run.day}-r${run.run}`);
    await sinkReached(engines, run.cut);
    done('arrived');
    const result = await prepare(engines, run, lock, done);
    const seq = await write('published', { ...result, finished_at: Date.now() });
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

const NOTHING_YET = {
  finished_at: null,
  clicks: 0,
  copies_dropped: 0,
  late_included: 0,
  inputs: '',
  difference: 0,
  conflicts: 0,
  note: '',
};

type Result = Pick<LedgerEvent, 'clicks' | 'copies_dropped' | 'late_included' | 'inputs' | 'difference' | 'conflicts'>;

/** Everything up to the commit point: counted, loaded, judged, and in the run's own index. */
async function prepare(
  engines: BatchEngines,
  run: RunFile,
  lock: DayLock,
  done: (step: Step) => void,
): Promise<Result> {
  const { archiveDir, clickhouse, duck } = engines;
  const counted = readCounted(archiveDir, run) ?? (await countRun(engines, run, await previousCut(engines, run)));
  writeCounted(archiveDir, run, counted);
  done('counted');

  const files = outputFiles(runFolder(archiveDir, run.day, run.run));
  const written = await outputTotals(duck.connection, files);
  lock.assertHeld();
  const loaded = await loadRun(clickhouse, run, files);
  const judged = verdict({ counted, written, loaded });
  if (!judged.publish) throw new RunFailedError('counts_disagree', judged.why);
  const difference = counted.clicks - (await realtimeClicks(clickhouse, run.day));
  done('loaded');

  const queue = await openRunsQueue(engines.admin, engines.producer, engines.topics.adMinutes);
  await sendRun(queue, run, outputRows(duck.connection, files), loaded);
  done('sent');
  await waitForIndex(engines, run, counted);
  done('indexed');
  const { clicks, late_included, conflicts } = counted;
  return {
    clicks,
    late_included,
    conflicts,
    copies_dropped: copiesDropped(counted),
    difference,
    inputs: JSON.stringify(counted.inputs),
  };
}

async function previousCut({ clickhouse }: BatchEngines, { day }: RunFile) {
  const current = (await currentRuns(clickhouse)).get(day);
  return current === undefined || current.run === 0 ? null : current.cut;
}

async function waitForIndex(
  { elasticsearch, log, signal }: BatchEngines,
  run: RunFile,
  counted: Counted,
): Promise<void> {
  await waitUntil(
    `the indexer role to index run ${run.run} of ${run.day}`,
    async () => {
      const indexed = await indexedTotals(elasticsearch, run);
      if (indexed === null) return 'no index yet';
      const { documents, clicks } = indexed;
      if (documents === counted.documents && clicks === counted.clicks) return null;
      return `${documents} of ${counted.documents} documents, ${clicks} of ${counted.clicks} clicks`;
    },
    { stallMs: INDEX_STALL_MS, everyMs: 250, onProgress: (line) => log.info(line), signal },
  );
}
