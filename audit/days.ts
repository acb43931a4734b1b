import { z } from 'zod';
import { manifestsOf } from '../batch/archive/files/manifest.ts';
import { dirtyDays } from '../batch/archive/totals.ts';
import { recordedState } from '../domain/batch_run.ts';
import { cut } from '../domain/cut.ts';
import type { EventKind } from '../domain/event_kinds.ts';
import { count, day } from '../domain/fields.ts';
import { dayOf } from '../domain/time.ts';
import { type ClickHouseClient, rowsOf } from '../infra/clients/clickhouse.ts';
import { sql } from '../infra/sql.ts';

const DAYS_SQL = sql('clickhouse/queries/status_days.sql');

export interface DayStatus {
  event: EventKind;
  date: string;
  /** open: not ended; dirty: clicks that no run has counted; blocked: its last run was not accepted. */
  state: 'open' | 'dirty' | 'final' | 'restated' | 'blocked';
  /** The run that answers for it; null: real time. */
  run: number | null;
  /** Distinct clicks minus distinct event ids of that run; null without a run. */
  conflicts: number | null;
}

const ledgerDay = z.object({
  day,
  /** '' if all its events are previews. */
  last_state: z.enum([...recordedState.options, '']),
  /** 0 if none. */
  published: count,
  first_published: count,
  cut,
  conflicts: count,
});
type LedgerDay = z.infer<typeof ledgerDay>;

/** Every day that has events of a kind in the archive or a row in the ledger, and today. */
export async function days(
  event: EventKind,
  archiveDir: string,
  clickhouse: ClickHouseClient,
  nowMs: number,
): Promise<DayStatus[]> {
  const ledger = new Map((await rowsOf(clickhouse, ledgerDay, DAYS_SQL)).map((entry) => [entry.day, entry]));
  const cuts = new Map([...ledger].filter(([, { published }]) => published > 0).map(([day, { cut }]) => [day, cut]));
  const dirty = new Set(dirtyDays(manifestsOf(archiveDir), cuts));
  const today = dayOf(nowMs);
  return [...new Set([...ledger.keys(), ...dirty, today])].sort().map((date) => {
    const entry = ledger.get(date);
    const run = entry && entry.published > 0 ? entry.published : null;
    const conflicts = run === null ? null : (entry?.conflicts ?? 0);
    return { event, date, state: stateOf(entry, run, date >= today, dirty.has(date)), run, conflicts };
  });
}

function stateOf(
  entry: LedgerDay | undefined,
  run: number | null,
  isOpen: boolean,
  isDirty: boolean,
): DayStatus['state'] {
  if (isOpen) return 'open';
  if (entry?.last_state === 'blocked') return 'blocked';
  if (isDirty || run === null) return 'dirty';
  return run === entry?.first_published ? 'final' : 'restated';
}
