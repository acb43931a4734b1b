import { z } from 'zod';
import { type EventKind, PLURAL, rebuildCommand } from '../../domain/event_kinds.ts';
import { count, day } from '../../domain/fields.ts';
import { databaseOf } from '../../domain/names.ts';
import { monthMs, monthNumber, rawKeptSinceMs } from '../../domain/retention.ts';
import { iso } from '../../domain/time.ts';
import { rowsOf } from '../../infra/clients/clickhouse.ts';
import { announceRawKept, readRawKept } from '../../infra/raw_kept.ts';
import { findingOf, reportFinding, settleFinding } from '../../infra/register/findings.ts';
import { sql } from '../../infra/sql.ts';
import { daysStillBlocked } from '../run/blocked.ts';
import type { BatchEngines } from '../run/engines.ts';
import { type CurrentRun, currentRuns } from '../run/ledger.ts';
import { dropPartition } from './drop_partition.ts';

const MONTHS = sql('clickhouse/queries/batch_raw_months.sql');
const DAYS_OF_MONTH = sql('clickhouse/queries/batch_raw_month_days.sql');

const TABLES = ['clicks', 'copies_dropped', 'clicks_from_future'];

const rawMonth = z.object({ month: z.int(), rows: count, bytes: count });
type RawMonth = z.infer<typeof rawMonth>;

const lastOfDay = z.object({ day, topic_partition: z.string(), last: count });

type Engines = Pick<BatchEngines, 'clickhouse' | 'register' | 'event' | 'archiveDir' | 'log'>;

/**
 * Drops raw rows that arrived in months which ended more than `rawDays` days ago: first it announces them, so that
 * questions about them go to the archive, and drops them when it is called again a while later. A month stays, and a
 * finding says so, while any day of its rows has none in the run that answers for it, or is blocked.
 */
export async function dropExpiredRaw(engines: Engines, rawDays: number, nowMs: number): Promise<void> {
  const { clickhouse, event, register, log } = engines;
  const kept = await readRawKept(clickhouse, nowMs);
  const targetMs = rawKeptSinceMs(nowMs, rawDays);
  const [current, blocked] = [await currentRuns(clickhouse), await daysStillBlocked(engines)];
  let firstKept: number | null = null;
  for (const month of await rowsOf(clickhouse, rawMonth, MONTHS, { before: monthNumber(targetMs) })) {
    const name = findingOf(`raw-kept-${month.month}`, event);
    const found = await rowsOf(clickhouse, lastOfDay, DAYS_OF_MONTH, { month: month.month });
    const days = daysInUse(found, current, blocked);
    if (days.length > 0) {
      firstKept ??= month.month;
      await reportFinding(register, name, keptFinding(event, month, days, nowMs));
      continue;
    }
    await settleFinding(register, name, 'all its days are counted');
    if (monthMs(month.month) >= kept.droppableBeforeMs) continue;
    for (const table of TABLES) await dropPartition(clickhouse, table, String(month.month));
    log.info(month, `raw ${PLURAL[event]} of the month dropped`);
  }
  const untilMs = firstKept === null ? targetMs : Math.min(targetMs, monthMs(firstKept));
  // Without a record, earlier ones may be gone by the default rule.
  const sinceMs = kept.sinceMs === null ? Math.max(rawKeptSinceMs(nowMs), untilMs) : untilMs;
  if (kept.sinceMs === null || sinceMs > kept.sinceMs) await announceRawKept(clickhouse, sinceMs, nowMs);
}

/**
 * Days for which raw rows are still needed: no run answers for them, or not for all of these rows, or their last run is
 * blocked, and somebody must find out why.
 */
export function daysInUse(
  found: z.infer<typeof lastOfDay>[],
  current: ReadonlyMap<string, Pick<CurrentRun, 'run' | 'cut'>>,
  blocked: string[],
): string[] {
  const inUse = found.filter(({ day, topic_partition, last }) => {
    const answering = current.get(day);
    const isCounted = answering !== undefined && answering.run > 0 && last < (answering.cut[topic_partition] ?? 0);
    return !isCounted || blocked.includes(day);
  });
  return [...new Set(inUse.map(({ day }) => day))];
}

const SHOWN_DAYS = 3;

function keptFinding(event: EventKind, { month, bytes }: RawMonth, days: string[], nowMs: number) {
  const shown = days.slice(0, SHOWN_DAYS).join(', ') + (days.length > SHOWN_DAYS ? ' and others' : '');
  const of = new Date(monthMs(month)).toISOString().slice(0, 7);
  return {
    code: 'raw_kept',
    what: `raw ${PLURAL[event]} that arrived in ${of} (${(bytes / 1e9).toFixed(2)} GB in ${databaseOf(event)}) are kept beyond RAW_DAYS, since these days are blocked, or not published with all of them: ${shown}`,
    mend: `publish the days: ./${rebuildCommand(event)}; what blocks one, ./clickledger reconcile says`,
    range: null,
    is_operational: true,
    found_at: iso(nowMs),
  };
}
