import { randomUUID } from 'node:crypto';
import { bringNames, type CopiedRevision, namesAhead, takeOver } from '../../infra/ad_names/copy.ts';
import type { ClickHouseClient } from '../../infra/clients/clickhouse.ts';
import { bringFilters, createRevision, type FilterRow, filtersAhead } from '../../infra/filter_revisions.ts';
import { daysInHive, pathOf, runsInHive } from './hive_ledger.ts';
import { checkCopies, compareCopy, type Ledger, settleDay } from './ledger_copies.ts';
import { copiedRows, createEvents, registerOfCopy, startLedger } from './ledger_import.ts';
import { eventsIn, type LedgerRow } from './ledger_row.ts';

/** What the copies have and the register does not. */
export interface RegisterLacks {
  /** Events that the register gets. */
  events: LedgerRow[];
  /** Revisions of filters that it gets. */
  filters: FilterRow[];
  /** Revisions of names of ads that it gets. */
  names: CopiedRevision[];
  /** Rows of ads.ledger under whose number the register has another event. */
  differing: LedgerRow[];
  /** Runs that only Hive's file of the day tells of, from which their events cannot be made. */
  onlyInHive: { date: string; runs: number[]; file: string }[];
}

export async function lacks({ event, register, clickhouse, archiveDir }: Ledger): Promise<RegisterLacks> {
  const byDay = await copiedByDay(clickhouse);
  const found: RegisterLacks = {
    events: [],
    // Filters and names are those of all kinds.
    filters: event === 'click' ? await filtersAhead({ register, clickhouse }) : [],
    names: event === 'click' ? await namesAhead({ register, clickhouse }) : [],
    differing: [],
    onlyInHive: [],
  };
  for (const [day, copy] of byDay) {
    const events = await eventsIn(register, day);
    const numbers = new Set(events.map(({ seq }) => seq));
    for (const row of compareCopy(events, copy).ahead) {
      if (numbers.has(row.seq)) found.differing.push(row);
      // Where two rows have one number, the first is the later.
      else if (!found.events.some(({ date, seq }) => date === day && seq === row.seq)) found.events.push(row);
    }
  }
  for (const day of daysInHive(archiveDir)) {
    const known = [...(await eventsIn(register, day)), ...(byDay.get(day) ?? [])].map(({ run }) => run);
    const runs = runsInHive(archiveDir, day).filter((run) => !known.includes(run));
    if (runs.length > 0) found.onlyInHive.push({ date: day, runs, file: pathOf(archiveDir, day) });
  }
  return found;
}

async function copiedByDay(clickhouse: ClickHouseClient): Promise<Map<string, LedgerRow[]>> {
  const byDay = new Map<string, LedgerRow[]>();
  for (const row of await copiedRows(clickhouse, null)) {
    const ofDay = byDay.get(row.date) ?? [];
    ofDay.push(row);
    byDay.set(row.date, ofDay);
  }
  return byDay;
}

/** Brings the register forward, and settles its findings if nothing is left that it lacks. */
export async function bringRegisterForward(ledger: Ledger, found: RegisterLacks): Promise<void> {
  const { event, register, clickhouse } = ledger;
  const { events, filters, names, differing, onlyInHive } = found;
  await createEvents(register, events);
  await startLedger(register, (await registerOfCopy(clickhouse)) ?? randomUUID());
  for (const row of filters) await createRevision({ register }, row);
  for (const revision of names) await takeOver({ register, clickhouse }, revision);
  if (event === 'click') {
    await bringFilters({ register, clickhouse }, null);
    await bringNames({ register, clickhouse });
  }
  if (differing.length + onlyInHive.length > 0) return;
  await checkCopies(ledger);
  for (const day of (await copiedByDay(clickhouse)).keys()) await settleDay(ledger, day);
}
