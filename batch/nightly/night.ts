import { DAY_MS, dayOf } from '../../domain/time.ts';
import { manifestsOf } from '../archive/manifest.ts';
import { dirtyDays } from '../archive/totals.ts';
import type { Cut } from '../cut.ts';
import { countedCuts } from '../ledger.ts';
import { archiveReached, cutNow } from '../rebuild/arrived.ts';
import type { BatchEngines } from '../rebuild/engines.ts';
import { repairPublished } from '../rebuild/follow.ts';
import { DayBusyError } from '../rebuild/lock.ts';
import { rebuildIfNeeded } from '../rebuild/rebuild.ts';

interface Night {
  published: string[];
  failed: string[];
}

/**
 * Ended days that need a run: yesterday if it has none (also without clicks: somebody has looked at it then), and days
 * with clicks that no run has counted. Yesterday first, the others in order.
 */
export function nightDays(nowMs: number, dirty: string[], counted: ReadonlyMap<string, Cut>): string[] {
  const yesterday = dayOf(nowMs - DAY_MS);
  const today = dayOf(nowMs);
  const others = dirty.filter((day) => day < today && day !== yesterday);
  return counted.has(yesterday) && !dirty.includes(yesterday) ? others : [yesterday, ...others];
}

/** Runs all days that need it, one after the other. A day that fails is left to the next night. */
export async function runNight(engines: BatchEngines, nowMs: number): Promise<Night> {
  const { log, signal } = engines;
  await repairPublished(engines);
  await archiveReached(engines, await cutNow(engines), 'night');
  const needed = async (): Promise<string[]> => {
    const counted = await countedCuts(engines.clickhouse);
    return nightDays(nowMs, dirtyDays(manifestsOf(engines.archiveDir), counted), counted);
  };
  const days = await needed();
  log.info({ days }, `${days.length} days to count`);
  const night: Night = { published: [], failed: [] };
  for (const [number, day] of days.entries()) {
    try {
      const request = { day, reason: 'nightly', requestedBy: 'nightly' };
      const run = await rebuildIfNeeded(engines, request, async () => (await needed()).includes(day));
      if (run === null) continue;
      night.published.push(day);
      const { clicks, copies_dropped, late_included, difference } = run;
      const facts = { day, run: run.run, clicks, copies_dropped, late_included, difference };
      log.info(facts, `published ${number + 1} of ${days.length}`);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof DayBusyError) log.info(error.message);
      else {
        night.failed.push(day);
        log.error({ err: error, day }, `no run for ${day}; the next night tries again`);
      }
    }
  }
  return night;
}
