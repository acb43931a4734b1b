import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { schedule } from 'node-cron';
import { Counter, Gauge } from 'prom-client';
import { writeJsonAtomically } from '../infra/files.ts';
import type { StartRole } from '../infra/role.ts';
import { runNight } from './nightly/night.ts';
import { checkCron, missedTick } from './nightly/ticks.ts';
import { repairPublished } from './rebuild/follow.ts';
import { openBatchEngines } from './rebuild/open.ts';

export const startNightly: StartRole = async ({ config, log, metrics }) => {
  const { nightlyCron, archiveDir } = config;
  checkCron(nightlyCron);
  const registers = [metrics];
  const published = new Counter({ name: 'nightly_runs_published_total', help: 'runs published', registers });
  const failed = new Counter({ name: 'nightly_days_failed_total', help: 'days left without their run', registers });
  const endedAt = new Gauge({ name: 'nightly_ended_timestamp_seconds', help: 'end of the last night', registers });

  const { engines, close } = await openBatchEngines(config, log);
  const lastNight = join(archiveDir, 'last-night.json');
  let running: Promise<void> = Promise.resolve();

  async function night(): Promise<void> {
    const startedMs = Date.now();
    try {
      const result = await runNight(engines, startedMs);
      published.inc(result.published.length);
      failed.inc(result.failed.length);
      endedAt.set(Date.now() / 1_000);
      writeJsonAtomically(lastNight, { started_at: startedMs });
      log.info(result, 'night over');
    } catch (error) {
      if (engines.signal.aborted) return;
      log.error({ err: error }, 'night given up; the next one tries again');
    }
  }
  // One after the other, also when a night takes longer than the time between two.
  const inTurn = (): Promise<void> => {
    running = running.then(night);
    return running;
  };

  async function repair(): Promise<void> {
    try {
      await repairPublished(engines);
    } catch (error) {
      if (!engines.signal.aborted) log.error({ err: error }, 'not repaired; the next night tries again');
    }
  }
  running = repair();

  // A folder without a record is new: no night was missed.
  if (!existsSync(lastNight)) writeJsonAtomically(lastNight, { started_at: Date.now() });
  const { started_at } = JSON.parse(readFileSync(lastNight, 'utf8')) as { started_at: number };
  if (missedTick(nightlyCron, started_at, Date.now())) {
    log.info('a night was missed; catching up');
    void inTurn();
  }
  const logger = {
    info: (message: string) => log.debug(message),
    debug: (message: string | Error) => log.debug(String(message)),
    warn: (message: string) => log.warn(message),
    error: (message: string | Error) => log.error(String(message)),
  };
  const task = schedule(nightlyCron, inTurn, { timezone: 'UTC', noOverlap: true, name: 'nightly', logger });
  return {
    async stop() {
      await task.destroy();
      await close();
      await running;
    },
  };
};
