import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { schedule } from 'node-cron';
import { Counter, Gauge } from 'prom-client';
import { TOPICS } from '../../domain/names.ts';
import { writeJsonAtomically } from '../../infra/files.ts';
import { openRegister } from '../../infra/register/open.ts';
import { repeat } from '../../infra/repeat.ts';
import type { StartRole } from '../../infra/role.ts';
import { Serial } from '../../infra/serial.ts';
import { TIMINGS } from '../../infra/timings.ts';
import { AD_MINUTES_PARTITIONS } from '../../infra/topics.ts';
import { repairPublished } from '../rebuild/propagate.ts';
import { daysStillBlocked } from '../run/blocked.ts';
import { openBatchEngines } from '../run/open_engines.ts';
import { endProgress, type NightProgress, writeProgress } from './progress.ts';
import { runNightly } from './run.ts';
import { carryOutRequests } from './run_requests.ts';
import { checkCron, missedTick } from './schedule.ts';
import { settleUnseen } from './settle_unseen.ts';

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
    help: 'days whose last run is blocked by reconciliation; above 0 somebody must act',
    registers,
  });
  const endedAt = new Gauge({
    name: 'clickledger_nightly_ended_timestamp_seconds',
    help: 'end of the last nightly run',
    registers,
  });

  const { engines, close } = await openBatchEngines(config, log);
  const lastRunFile = join(archiveDir, 'last-night.json');
  const attempts = new Map<string, number>();
  const turns = new Serial();

  /** Failed work is retried: by the next nightly run, or the next poll for requests. */
  async function unlessStopped(work: () => Promise<void>, said: string): Promise<void> {
    try {
      await work();
      blocked.set((await daysStillBlocked(engines)).length);
    } catch (error) {
      if (!engines.signal.aborted) log.error({ err: error }, said);
    }
  }
  async function nightlyRun(): Promise<void> {
    const startedMs = Date.now();
    const report = (progress: NightProgress): void => writeProgress(archiveDir, progress);
    const result = await runNightly(engines, startedMs, report).finally(() => endProgress(archiveDir));
    if (result.failed.length + result.blocked.length === 0) {
      const queue = { topic: TOPICS.adMinutes, partitions: AD_MINUTES_PARTITIONS };
      await settleUnseen(openRegister(config), queue, startedMs);
    }
    published.inc(result.published.length);
    failed.inc(result.failed.length);
    endedAt.set(Date.now() / 1_000);
    writeJsonAtomically(lastRunFile, { started_at: startedMs });
    log.info(result, 'night over');
  }
  // Serialized, also when a nightly run takes longer than the interval.
  const serialize = (work: () => Promise<void>, said: string): Promise<void> =>
    turns.run(() => unlessStopped(work, said));
  const serializedNightlyRun = () => serialize(nightlyRun, 'nightly run failed; the next one tries again');

  void serialize(() => repairPublished(engines), 'not repaired; the next nightly run tries again');

  // A folder without a record is new: no nightly run was missed.
  if (!existsSync(lastRunFile)) writeJsonAtomically(lastRunFile, { started_at: Date.now() });
  const { started_at } = JSON.parse(readFileSync(lastRunFile, 'utf8')) as { started_at: number };
  if (missedTick(nightlyCron, started_at, Date.now())) {
    log.info('a nightly run was missed; catching up');
    void serializedNightlyRun();
  }
  const logger = {
    info: (message: string) => log.debug(message),
    debug: (message: string | Error) => log.debug(String(message)),
    warn: (message: string) => log.warn(message),
    error: (message: string | Error) => log.error(String(message)),
  };
  const task = schedule(nightlyCron, serializedNightlyRun, {
    timezone: 'UTC',
    noOverlap: true,
    name: 'nightly',
    logger,
  });
  const requests = repeat(TIMINGS.runRequestPollMs, () =>
    serialize(() => carryOutRequests(engines, attempts), 'run requests not read; tried again'),
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
