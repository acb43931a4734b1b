import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { schedule } from 'node-cron';
import { Counter, Gauge } from 'prom-client';
import { writeJsonAtomically } from '../../infra/files.ts';
import { repeat } from '../../infra/repeat.ts';
import type { StartRole } from '../../infra/role.ts';
import { Serial } from '../../infra/serial.ts';
import { TIMINGS } from '../../infra/timings.ts';
import { repairPublished } from '../rebuild/propagate.ts';
import { daysStillBlocked } from '../run/blocked.ts';
import { openBatchEngines } from '../run/open_engines.ts';
import { endProgress, type NightProgress, writeProgress } from './progress.ts';
import { runNightly } from './run.ts';
import { carryOutRequests } from './run_requests.ts';
import { checkCron, missedTick } from './schedule.ts';

export const startNightly: StartRole = async ({ config, log, metrics }) => {
  const { nightlyCron, archiveDir } = config;
  checkCron(nightlyCron);
  const registers = [metrics];
  const published = new Counter({
    name: 'clickledger_nightly_runs_published_total',
    help: 'runs published',
    registers,
  });
  const failed = new Counter({
    name: 'clickledger_nightly_days_failed_total',
    help: 'days left without their run',
    registers,
  });
  const blocked = new Gauge({
    name: 'clickledger_nightly_days_blocked',
    help: 'days whose last run reconciliation has not let through; above 0 somebody has to look',
    registers,
  });
  const endedAt = new Gauge({
    name: 'clickledger_nightly_ended_timestamp_seconds',
    help: 'end of the last night',
    registers,
  });

  const { engines, close } = await openBatchEngines(config, log);
  const lastNight = join(archiveDir, 'last-night.json');
  const attempts = new Map<string, number>();
  const turns = new Serial();

  /** What fails is tried again: by the next night, or the next time that requests are looked for. */
  async function unlessStopped(work: () => Promise<void>, said: string): Promise<void> {
    try {
      await work();
      blocked.set((await daysStillBlocked(engines)).length);
    } catch (error) {
      if (!engines.signal.aborted) log.error({ err: error }, said);
    }
  }
  async function night(): Promise<void> {
    const startedMs = Date.now();
    const report = (progress: NightProgress): void => writeProgress(archiveDir, progress);
    const result = await runNightly(engines, startedMs, report).finally(() => endProgress(archiveDir));
    published.inc(result.published.length);
    failed.inc(result.failed.length);
    endedAt.set(Date.now() / 1_000);
    writeJsonAtomically(lastNight, { started_at: startedMs });
    log.info(result, 'night over');
  }
  // One after the other, also when a night takes longer than the time between two.
  const inTurn = (work: () => Promise<void>, said: string): Promise<void> => turns.run(() => unlessStopped(work, said));
  const nightInTurn = () => inTurn(night, 'night given up; the next one tries again');

  void inTurn(() => repairPublished(engines), 'not repaired; the next night tries again');

  // A folder without a record is new: no night was missed.
  if (!existsSync(lastNight)) writeJsonAtomically(lastNight, { started_at: Date.now() });
  const { started_at } = JSON.parse(readFileSync(lastNight, 'utf8')) as { started_at: number };
  if (missedTick(nightlyCron, started_at, Date.now())) {
    log.info('a night was missed; catching up');
    void nightInTurn();
  }
  const logger = {
    info: (message: string) => log.debug(message),
    debug: (message: string | Error) => log.debug(String(message)),
    warn: (message: string) => log.warn(message),
    error: (message: string | Error) => log.error(String(message)),
  };
  const task = schedule(nightlyCron, nightInTurn, { timezone: 'UTC', noOverlap: true, name: 'nightly', logger });
  const requests = repeat(TIMINGS.runRequestPollMs, () =>
    inTurn(() => carryOutRequests(engines, attempts), 'requests not looked for; tried again'),
  );
  return {
    async stop() {
      await task.destroy();
      await close();
      await requests.stop();
      await turns.ended();
    },
  };
};
