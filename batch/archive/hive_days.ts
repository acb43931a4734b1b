import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { isDay } from '../../domain/time.ts';
import { type Hive, hiveRowsOf } from '../../infra/clients/hive.ts';
import { dayPartitions, fillHive } from '../../infra/hive_statement.ts';
import type { Log } from '../../infra/log.ts';
import { sql } from '../../infra/sql.ts';
import { withTimeout } from '../../infra/with_timeout.ts';
import { type LockSite, lockDay } from '../day/lock.ts';
import { movedDays, readDayLocation } from './cold/day_location.ts';
import { isUnsettled, settleDay } from './cold/settle.ts';
import { dayFolder } from './files/layout.ts';

const SQL = { add: sql('hive/archive_days.sql'), known: sql('hive/archive_known_days.sql') };

/** `dt=2021-01-31`. A partition of no day is never looked for, so it may be there. */
const knownPartition = z.object({ partition: z.string().startsWith('dt=') });

const DAYS_AT_ONCE = 100;
const STOP_LIMIT_MS = 5_000;
const RETRY_MS = { first: 2_000, most: 60_000 };

/** Makes days of the archive visible in Hive; an existing day is left unchanged. */
export async function addDays(hive: Pick<Hive, 'execute'>, archiveDir: string, days: string[]): Promise<void> {
  for (let at = 0; at < days.length; at += DAYS_AT_ONCE) {
    const some = days.slice(at, at + DAYS_AT_ONCE).map((day) => {
      const home = readDayLocation(archiveDir, day);
      return { day, path: home === null ? join(archiveDir, dayFolder(day)) : `${home.location}/dt=${day}` };
    });
    await hive.execute(fillHive(SQL.add, { partitions: dayPartitions(some) }));
  }
}

interface HiveDays {
  add(days: Iterable<string>): void;
  stop(): Promise<void>;
}

/**
 * Adds days to Hive in the background, without ever delaying the archive, and moves later clicks of moved days to where
 * Hive reads these days. While Hive is down, days are remembered and retried. Starts with all folders that Hive does
 * not know, so a restart loses nothing.
 */
export function followInHive(site: LockSite, connect: () => Promise<Hive>, log: Log): HiveDays {
  const { archiveDir } = site;
  const stopped = new AbortController();
  const wanted = new Set([...archivedDays(archiveDir), ...movedDays(archiveDir)]);
  let known: Set<string> | null = null;
  let hive: Hive | null = null;
  let wake = (): void => {};

  const isNews = (day: string): boolean => !known?.has(day) || isUnsettled(archiveDir, day);

  async function addWanted(days: string[]): Promise<void> {
    hive = await connect();
    try {
      known ??= await knownDays(hive);
      const added = days.filter((day) => !known?.has(day)).sort();
      await addDays(hive, archiveDir, added);
      for (const day of added) known.add(day);
      if (added.length > 0) log.info({ days: added.length, first: added[0] }, 'days added to Hive');
      const failures: unknown[] = [];
      for (const day of days) {
        if (isUnsettled(archiveDir, day)) await settle(hive, day).catch((error) => failures.push(error));
      }
      if (failures.length > 0) throw failures[0];
    } finally {
      await hive.close();
      hive = null;
    }
  }

  async function settle(hive: Hive, day: string): Promise<void> {
    const lock = await lockDay(site, day);
    try {
      await settleDay({ archiveDir, hive, log }, day, lock);
    } finally {
      lock.release();
    }
  }

  async function follow(): Promise<void> {
    let retryMs = RETRY_MS.first;
    while (!stopped.signal.aborted) {
      const days = [...wanted].filter(isNews);
      wanted.clear();
      if (days.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      try {
        await addWanted(days);
        retryMs = RETRY_MS.first;
      } catch (error) {
        for (const day of days) wanted.add(day);
        log.warn({ err: error, days: wanted.size }, 'days not added to Hive yet');
        await delay(retryMs, undefined, { signal: stopped.signal }).catch(() => {});
        retryMs = Math.min(retryMs * 2, RETRY_MS.most);
      }
    }
  }

  const following = follow();
  return {
    add(days) {
      for (const day of days) wanted.add(day);
      wake();
    },
    async stop() {
      stopped.abort();
      wake();
      await hive?.close();
      await withTimeout(following, STOP_LIMIT_MS, () => undefined);
    },
  };
}

async function knownDays(hive: Hive): Promise<Set<string>> {
  const known = await hiveRowsOf(hive, knownPartition, SQL.known);
  return new Set(known.map(({ partition }) => partition.slice('dt='.length)));
}

function archivedDays(archiveDir: string): string[] {
  const folder = join(archiveDir, 'clicks');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => name.slice('dt='.length))
    .filter(isDay);
}
