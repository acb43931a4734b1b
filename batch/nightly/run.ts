import type { Cut } from '../../domain/cut.ts';
import { DAY_MS, dayOf, daysBetween, iso } from '../../domain/time.ts';
import { archiveBeganMs, manifestsOf } from '../archive/files/manifest.ts';
import { dirtyDays } from '../archive/totals.ts';
import { DayBusyError } from '../day/lock.ts';
import { repairPublished } from '../rebuild/propagate.ts';
import { rebuildIfNeeded } from '../rebuild/rebuild.ts';
import { archiveReached, cutNow } from '../run/arrived.ts';
import { daysStillBlocked } from '../run/blocked.ts';
import type { BatchEngines } from '../run/engines.ts';
import { RunBlockedError } from '../run/failure.ts';
import { countedCuts } from '../run/ledger.ts';
import { ledgerReady } from '../run/ledger_ready.ts';
import type { NightProgress } from './progress.ts';
import { countSmallDays, groupsOfSmall, rowsByDay } from './small_days.ts';

interface NightlyResult {
  published: string[];
  /** Blocked by reconciliation. */
  blocked: string[];
  failed: string[];
}

/**
 * Ended days that need a run: those since the first arrival that have none (also without clicks: only a run says that
 * there are none), days with clicks that no run has counted, and days whose last run was blocked. The newest first: an old
 * click of each of many days must not keep last week waiting.
 * @param beganMs the first arrival; null: nothing has arrived yet
 */
export function daysToRun(
  nowMs: number,
  dirty: string[],
  blocked: string[],
  counted: ReadonlyMap<string, Cut>,
  beganMs: number | null,
): string[] {
  const [yesterday, today] = [dayOf(nowMs - DAY_MS), dayOf(nowMs)];
  const since = beganMs === null ? today : dayOf(beganMs);
  const uncounted = [yesterday, ...daysBetween(since, today)].filter((day) => !counted.has(day));
  const wanted = new Set([...uncounted, ...dirty, ...blocked]);
  return [...wanted]
    .filter((day) => day < today)
    .sort()
    .reverse();
}

interface Meanwhile {
  /** Called after each step. */
  report?(progress: NightProgress): void;
  /** Called between two days, so that what people ask for need not wait for the end of a night of many. */
  betweenDays?(): Promise<void>;
}

/** Runs all days that need it, one after the other. A failed day is left to the next nightly run. */
export async function runNightly(
  engines: BatchEngines,
  nowMs: number,
  { report = () => {}, betweenDays = async () => {} }: Meanwhile = {},
): Promise<NightlyResult> {
  const { log, signal } = engines;
  const night: NightlyResult = { published: [], blocked: [], failed: [] };
  const tell = (days: number | null, day: string | null, step: string | null): void => {
    const done = { published: night.published.length, failed: night.failed.length + night.blocked.length };
    report({ started_at: iso(nowMs), days, ...done, day, step, at: iso(Date.now()) });
  };
  tell(null, null, null);
  await ledgerReady(engines, (why) => tell(null, null, why === null ? null : 'waiting for the register'));
  await repairPublished(engines);
  await archiveReached(engines, await cutNow(engines), 'night');
  const needed = async (): Promise<string[]> => {
    const counted = await countedCuts(engines.clickhouse);
    const dirty = dirtyDays(manifestsOf(engines.archiveDir), counted);
    const beganMs = archiveBeganMs(engines.archiveDir);
    return daysToRun(nowMs, dirty, await daysStillBlocked(engines), counted, beganMs);
  };
  const days = await needed();
  log.info({ days }, `${days.length} days to count`);
  const groups = groupsOfSmall(days, rowsByDay(engines.archiveDir, days));
  for (const [number, day] of days.entries()) {
    if (number > 0) await betweenDays();
    const group = groups.get(day);
    if (group !== undefined) {
      tell(days.length, day, `counting ${group.length} small days together`);
      await countSmallDays(engines, group, needed).catch((error: unknown) => {
        signal.throwIfAborted();
        log.warn({ err: error, days: group.length }, 'small days are not counted together, but one by one');
      });
    }
    tell(days.length, day, null);
    try {
      const onStep = (step: string): void => tell(days.length, day, step);
      const request = { day, reason: 'nightly', requestedBy: 'nightly', onStep };
      const run = await rebuildIfNeeded(engines, request, async () => (await needed()).includes(day));
      if (run === null) continue;
      night.published.push(day);
      const { clicks, copies_dropped, late_included, difference, conflicts, annotation_conflicts } = run;
      const counts = { clicks, copies_dropped, late_included, difference, conflicts, annotation_conflicts };
      const facts = { day, run: run.run, ...counts };
      log.info(facts, `published ${number + 1} of ${days.length}`);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof DayBusyError) log.info(error.message);
      else if (error instanceof RunBlockedError) {
        night.blocked.push(day);
        log.error({ day, run: error.report.run, unexplained: error.report.unexplained }, error.message);
      } else {
        night.failed.push(day);
        log.error({ err: error, day }, `no run for ${day}; the next nightly run tries again`);
      }
    }
  }
  return night;
}
