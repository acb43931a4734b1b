import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Counter, Gauge } from 'prom-client';
import { z } from 'zod';
import { minutesName, TOPICS } from '../../domain/names.ts';
import { iso } from '../../domain/time.ts';
import { kafkaAddress } from '../../infra/clients/engines.ts';
import { createKafka } from '../../infra/clients/kafka.ts';
import { readJson, writeJsonAtomically } from '../../infra/files.ts';
import { bringFilters } from '../../infra/filter_revisions.ts';
import { archiveDirOf, forEachKind, type KindContext } from '../../infra/kinds.ts';
import { countFindings } from '../../infra/register/findings_metric.ts';
import { openRegister } from '../../infra/register/open.ts';
import { repeat } from '../../infra/repeat.ts';
import type { RoleContext, Service, StartRole } from '../../infra/role.ts';
import { Serial } from '../../infra/serial.ts';
import { timingsOf } from '../../infra/timings.ts';
import { AD_MINUTES_PARTITIONS } from '../../infra/topics.ts';
import { repairPublished } from '../rebuild/propagate.ts';
import { daysStillBlocked } from '../run/blocked.ts';
import { readTimeForDays } from '../run/ended.ts';
import { bringAllToClickHouse } from '../run/ledger_copies.ts';
import { openBatchEngines } from '../run/open_engines.ts';
import { Turns } from '../run/turns.ts';
import type { Redrive } from './carry_out.ts';
import { dropOldIndexes } from './drop_indexes.ts';
import { dropExpiredMinutes } from './drop_minutes.ts';
import { dropExpiredRaw } from './drop_raw.ts';
import { dropOldRejected, fileRejected } from './file_rejected.ts';
import { endProgress, type NightProgress, writeProgress } from './progress.ts';
import { runNightly } from './run.ts';
import { watchRuns } from './run_metrics.ts';
import { carryOutRequests } from './run_requests.ts';
import { checkCron, Ticks } from './schedule.ts';
import { settleUnseen } from './settle_unseen.ts';

/** So soon it is noticed that ClickHouse, or the register, is older than it was. */
const COPIES_MS = 30_000;

/** Epoch milliseconds. */
const lastRun = z.object({ started_at: z.int() });

const NOT_REQUESTED = 'run requests not read; tried again';

/** @param redriveOf how rejected lines are sent again, which is no work of this stage */
export const nightlyRole =
  (redriveOf: (context: Pick<RoleContext, 'config' | 'log'>) => Redrive): StartRole =>
  (context) => {
    countFindings(openRegister(context.config), context.metrics);
    const [turns, redrive] = [new Turns(), redriveOf(context)];
    return forEachKind((ofKind) => nightsOf(ofKind, turns, redrive))(context);
  };

async function nightsOf(context: KindContext, turns: Turns, redrive: Redrive): Promise<Service> {
  const { config, event, log, metrics, clock } = context;
  const { nightlyCron } = config;
  const { runRequestPollMs } = timingsOf(event);
  const archiveDir = archiveDirOf(config, event);
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
    help: 'end of the last nightly run; after a start its beginning',
    registers,
  });

  const { engines: opened, close } = await openBatchEngines(config, event, log, { turns });
  const engines = { ...opened, watch: watchRuns(metrics) };
  // Lines of all kinds are rejected into one topic.
  const kafka = event === 'click' ? createKafka(kafkaAddress(config), 'clickledger-nightly', log) : null;
  const rejected =
    kafka === null
      ? null
      : async (): Promise<void> => {
          const { admin, register } = engines;
          await fileRejected({ kafka, admin, archiveDir, register, log }, TOPICS.rejected, clock.nowMs());
          dropOldRejected({ archiveDir, log }, config.rejectedDays, clock.nowMs());
        };
  const lastRunFile = join(archiveDir, 'last-night.json');
  const attempts = new Map<string, number>();
  const own = new Serial();

  /** Failed work is retried: by the next nightly run, or the next poll for requests. */
  async function unlessStopped(work: () => Promise<void>, said: string): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!engines.signal.aborted) log.error({ err: error }, said);
    }
  }
  const countBlocked = async (): Promise<void> => blocked.set((await daysStillBlocked(engines)).length);
  const requested = async (): Promise<void> => {
    if (await carryOutRequests(engines, attempts, redrive)) await countBlocked();
  };
  async function nightlyRun(startedMs: number): Promise<void> {
    if (rejected !== null) {
      await unlessStopped(rejected, 'rejected lines are not put into files; the next nightly run tries again');
    }
    const report = (progress: NightProgress): void => writeProgress(archiveDir, progress);
    const betweenDays = (): Promise<void> => unlessStopped(requested, NOT_REQUESTED);
    const result = await runNightly(engines, startedMs, { report, betweenDays }).finally(() => endProgress(archiveDir));
    if (result.failed.length + result.blocked.length === 0) {
      const queue = { topic: minutesName(event), partitions: AD_MINUTES_PARTITIONS };
      await settleUnseen(openRegister(config), queue, startedMs);
    }
    published.inc(result.published.length);
    failed.inc(result.failed.length);
    endedAt.set(clock.nowMs() / 1_000);
    writeJsonAtomically(lastRunFile, { started_at: startedMs });
    log.info(result, 'night over');
    await unlessStopped(countBlocked, 'blocked days are not counted');
    const drop = () => dropExpiredRaw(engines, config.rawDays[event], clock.nowMs());
    await unlessStopped(drop, 'old raw rows are not dropped; the next nightly run tries again');
    const dropMinutes = () => dropExpiredMinutes(engines, config.minuteDays, clock.nowMs());
    await unlessStopped(dropMinutes, 'old minutes are not dropped; the next nightly run tries again');
    const dropIndexes = () => dropOldIndexes(engines, config.realtimeIndexDays, clock.nowMs());
    await unlessStopped(dropIndexes, 'old indexes are not dropped; the next nightly run tries again');
  }
  // Serialized, also when a nightly run takes longer than the interval.
  const serialize = (work: () => Promise<void>, said: string): Promise<void> =>
    own.run(() => unlessStopped(work, said));

  // Before anything else writes to ads.ledger: a register that was never used takes over what is there.
  await unlessStopped(() => bringAllToClickHouse(engines), 'nothing can be published');
  void serialize(() => repairPublished(engines), 'not repaired; the next nightly run tries again');

  await clock.read();
  // Filters are those of all kinds.
  if (event === 'click') {
    void serialize(
      async () => void (await bringFilters(engines, null)),
      'filters not brought to ads.filters; the next change of each brings it',
    );
  }

  // A folder without a record is new: no nightly run was missed.
  if (!existsSync(lastRunFile)) writeJsonAtomically(lastRunFile, { started_at: clock.nowMs() });
  // A record from after now was made by a clock ahead.
  const lastMs = Math.min(readJson(lastRun, lastRunFile).started_at, clock.nowMs());
  endedAt.set(lastMs / 1_000);
  const ticks = new Ticks(nightlyCron, lastMs);
  const nights = repeat(runRequestPollMs, async () => {
    if (!ticks.isDue(clock.nowMs())) return;
    await serialize(async () => {
      const time = await readTimeForDays(engines);
      if (ticks.take(time.ms)) await nightlyRun(time.ms);
      else log.debug({ of: time.of, at: iso(time.ms) }, 'clocks differ: the nightly run waits for the one behind');
    }, 'nightly run failed; the next one tries again');
  });
  const requests = repeat(runRequestPollMs, () => serialize(requested, NOT_REQUESTED));
  const copies = repeat(COPIES_MS, () =>
    serialize(async () => {
      await bringAllToClickHouse(engines);
      // A command may have counted or accepted one meanwhile.
      await countBlocked();
    }, 'the copy of the ledger in ClickHouse is not what it should be'),
  );
  return {
    async stop() {
      await close();
      await nights.stop();
      await requests.stop();
      await copies.stop();
      await own.ended();
    },
  };
}
