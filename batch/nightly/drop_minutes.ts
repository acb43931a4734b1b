import { z } from 'zod';
import { type EventKind, PLURAL, rebuildCommand } from '../../domain/event_kinds.ts';
import { count, day } from '../../domain/fields.ts';
import { databaseOf } from '../../domain/names.ts';
import { monthMs, monthNumber } from '../../domain/retention.ts';
import { DAY_MS, iso } from '../../domain/time.ts';
import { rowsOf } from '../../infra/clients/clickhouse.ts';
import { announceMinutesGone, readMinutesGone } from '../../infra/minutes_gone.ts';
import { readRawKept } from '../../infra/raw_kept.ts';
import { findingOf, openFindings, reportFinding, settleFinding } from '../../infra/register/findings.ts';
import { sql } from '../../infra/sql.ts';
import { lockedUnlessBusy } from '../day/lock.ts';
import { daysStillBlocked } from '../run/blocked.ts';
import type { BatchEngines } from '../run/engines.ts';
import { loadedPartition } from '../run/load.ts';
import { dropPartition } from './drop_partition.ts';
import { type HeldRun, type KeptMinutes, type MinutesState, planMinutes } from './expired_minutes.ts';

const SQL = {
  runs: sql('clickhouse/queries/batch_minute_runs.sql'),
  months: sql('clickhouse/queries/batch_minute_months.sql'),
  answering: sql('clickhouse/queries/batch_answering.sql'),
};

const heldRun = z.object({ day, run: count, bytes: count });
const heldMonth = z.object({ month: z.int(), days: z.array(day), bytes: count });
const answeringRun = z.object({ day, current: count, newest: count, since_ms: count });

type Engines = Pick<BatchEngines, 'clickhouse' | 'register' | 'event' | 'archiveDir' | 'log'>;

/**
 * Drops minutes of days that a run has answered for since more than `minuteDays`: first it announces them, so that
 * questions about them go to Hive, and drops them when it is called again a while later. What stays since a day is blocked
 * or not published is a finding.
 */
export async function dropExpiredMinutes(engines: Engines, minuteDays: number, nowMs: number): Promise<void> {
  const { clickhouse, log } = engines;
  const plan = planMinutes(await readState(engines, minuteDays, nowMs), nowMs, minuteDays);
  await announceMinutesGone(clickhouse, plan.announce, nowMs);
  await tell(engines, plan.kept, nowMs);
  for (const day of new Set(plan.runs.map((held) => held.day))) {
    const runs = plan.runs.filter((held) => held.day === day);
    await dropRuns(engines, day, runs);
  }
  for (const month of plan.months) {
    // The one that months are found by goes last.
    for (const table of ['minutes_by_ad', 'minutes_by_minute']) await dropPartition(clickhouse, table, String(month));
    log.info({ month }, 'real-time minutes that arrived in the month dropped');
  }
}

async function readState(engines: Engines, minuteDays: number, nowMs: number): Promise<MinutesState> {
  const { clickhouse } = engines;
  const before = monthNumber(nowMs - minuteDays * DAY_MS);
  const { droppableBeforeMs } = await readRawKept(clickhouse, nowMs);
  const answering = await rowsOf(clickhouse, answeringRun, SQL.answering);
  return {
    runs: await rowsOf(clickhouse, heldRun, SQL.runs),
    months: await rowsOf(clickhouse, heldMonth, SQL.months, { before }),
    gone: await readMinutesGone(clickhouse),
    answering: new Map(answering.map(({ day, since_ms: sinceMs, ...rest }) => [day, { ...rest, sinceMs }])),
    blocked: new Set(await daysStillBlocked(engines)),
    rawGoneBefore: monthNumber(droppableBeforeMs),
  };
}

/** Whoever works on the day may need them, and have brought them back: it waits for another night. */
const dropRuns = (engines: Engines, day: string, runs: HeldRun[]): Promise<void> =>
  lockedUnlessBusy(engines, day, async () => {
    for (const held of runs) await dropPartition(engines.clickhouse, 'clicks_per_minute_batch', loadedPartition(held));
    engines.log.info({ day, runs: runs.map(({ run }) => run) }, 'minutes of runs of the day dropped');
  });

/** A finding for each month that has kept minutes; settled when it has none any more. */
async function tell({ register, event }: Engines, kept: KeptMinutes[], nowMs: number): Promise<void> {
  const nameOf = (month: number | string): string => findingOf(`minutes-kept-${month}`, event);
  const names = new Set(kept.map(({ month }) => nameOf(month)));
  for (const { name } of await openFindings(register)) {
    const month = /^minutes-kept-(\d{6})/.exec(name)?.[1];
    if (month === undefined || name !== nameOf(month) || names.has(name)) continue;
    await settleFinding(register, name, 'all its days are published');
  }
  for (const one of kept) await reportFinding(register, nameOf(one.month), keptFinding(event, one, nowMs));
}

const SHOWN_DAYS = 3;

function keptFinding(event: EventKind, { month, days, bytes }: KeptMinutes, nowMs: number) {
  const shown = days.slice(0, SHOWN_DAYS).join(', ') + (days.length > SHOWN_DAYS ? ' and others' : '');
  const of = new Date(monthMs(month)).toISOString().slice(0, 7);
  return {
    code: 'minutes_kept',
    what: `minutes of ${PLURAL[event]} of ${of} (${bytes} bytes in ${databaseOf(event)}) are kept beyond MINUTE_DAYS, since these days are blocked or not published: ${shown}`,
    mend: `publish the days: ./${rebuildCommand(event)}; what blocks one, ./clickledger reconcile says`,
    range: null,
    is_operational: true,
    found_at: iso(nowMs),
  };
}
