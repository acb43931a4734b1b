import { z } from 'zod';
import type { EventKind } from '../../domain/event_kinds.ts';
import { count, day } from '../../domain/fields.ts';
import { databaseOf } from '../../domain/names.ts';
import { iso } from '../../domain/time.ts';
import { type ClickHouseClient, rowsOf } from '../../infra/clients/clickhouse.ts';
import { findingOf, reportFinding, settleFinding } from '../../infra/register/findings.ts';
import { lastNumber, type Register } from '../../infra/register/register.ts';
import { sql } from '../../infra/sql.ts';
import { isInHive, runsInHive, writeHiveLedger } from './hive_ledger.ts';
import { batchRuns } from './ledger.ts';
import { copiedRows, ledgerId, MEND, RegisterBehindError } from './ledger_import.ts';
import { dayOfKey, eventsIn, LEDGER, type LedgerRow, lastSeq } from './ledger_row.ts';

/** The ledger is in the register; ClickHouse and Hive (files below the archive) hold copies of it. */
export interface Ledger {
  event: EventKind;
  register: Register;
  clickhouse: ClickHouseClient;
  archiveDir: string;
}

const DAYS = sql('clickhouse/queries/ledger_copy_days.sql');
const copiedDay = z.object({ day, last: count, events: count, own: count });
type CopiedDay = z.infer<typeof copiedDay>;

/** The finding of a register that is behind its copies, and that of one of its days. */
const behind = (event: EventKind): string => findingOf('register-behind', event);
const behindOf = (event: EventKind, day: string): string => `${behind(event)}-${day}`;

/**
 * What a copy of a day lacks, and the events that it has and the register does not. One of another content is such a one,
 * unless the same number is there with the right content too.
 */
export function compareCopy(events: LedgerRow[], copy: LedgerRow[]): { missing: LedgerRow[]; ahead: LedgerRow[] } {
  const inCopy = (one: LedgerRow): boolean => copy.some((row) => isSame(row, one));
  const numbers = new Set(copy.map(({ seq }) => seq));
  const right = new Set(events.filter(inCopy).map(({ seq }) => seq));
  return {
    missing: events.filter(({ seq }) => !numbers.has(seq)),
    ahead: copy.filter(({ seq }) => !right.has(seq)),
  };
}

const isSame = (a: LedgerRow, b: LedgerRow): boolean =>
  a.seq === b.seq && a.run === b.run && a.state === b.state && a.recorded_at === b.recorded_at;

/**
 * By days of ads.ledger: which the register is behind of, and which days of the register are not whole there. Rows of
 * days that the register does not know are others', unless they carry its id.
 * @param events day → numbers of its events in the register
 */
export function compareDays(events: ReadonlyMap<string, number[]>, copied: CopiedDay[]) {
  const inCopy = new Map(copied.map((row) => [row.day, row]));
  const ahead = copied.filter(({ day, last, own }) => {
    const known = events.get(day);
    return known === undefined ? own > 0 : last > Math.max(...known);
  });
  const behind = [...events].filter(([day, numbers]) => (inCopy.get(day)?.events ?? 0) < numbers.length);
  return { ahead: ahead.map(({ day }) => day), behind: behind.map(([day]) => day) };
}

/**
 * Throws if a copy has what the register does not, and reports the finding; settles it otherwise. Returns the days that
 * are not whole in ClickHouse. The copies are read first: whatever is in them was in the register before.
 */
export async function checkCopies({ event, register, clickhouse }: Ledger): Promise<string[]> {
  const matter = behind(event);
  const id = await orReport(register, matter, () => ledgerId(register, clickhouse));
  const copied = await rowsOf(clickhouse, copiedDay, DAYS, { register: id });
  const { ahead, behind: incomplete } = compareDays(await numbersByDay(register), copied);
  if (ahead.length > 0) {
    const more = ahead.length === 1 ? '' : ` and ${ahead.length - 1} more days`;
    await refuse(
      register,
      matter,
      `ClickHouse's ${databaseOf(event)}.ledger has events of ${ahead[0]}${more} that the register does not have`,
    );
  }
  await settleFinding(register, matter, 'the register has what its copies have');
  return incomplete;
}

async function numbersByDay(register: Register): Promise<Map<string, number[]>> {
  const numbers = new Map<string, number[]>();
  for (const key of await register.list(LEDGER)) {
    const day = dayOfKey(key);
    if (day === null) continue;
    const ofDay = numbers.get(day) ?? [];
    ofDay.push(lastNumber([key]));
    numbers.set(day, ofDay);
  }
  return numbers;
}

/** Inserts what ads.ledger lacks of any day: a kill came between, or ClickHouse is older than it was. */
export async function bringAllToClickHouse(ledger: Ledger): Promise<void> {
  for (const day of await checkCopies(ledger)) await bringToClickHouse(ledger, day);
}

/**
 * Brings both copies of a day forward to the register, and returns the number of the day's last event, from which
 * whatever is read of the day afterwards can be decided. Never back: throws if a copy has what the register does not.
 */
export async function bringCopies(ledger: Ledger, day: string): Promise<number> {
  for (;;) {
    const seq = await bringToClickHouse(ledger, day);
    await bringToHive(ledger, day);
    // Another has recorded something meanwhile: Hive's file may be from before.
    if (seq !== (await lastSeq(ledger.register, day))) continue;
    await settleDay(ledger, day);
    return seq;
  }
}

/** Inserts exactly the rows that ads.ledger lacks; several processes may do so at once. */
async function bringToClickHouse({ event, register, clickhouse }: Ledger, day: string): Promise<number> {
  const id = await ledgerId(register, clickhouse);
  const compare = async () => {
    const copy = await copiedRows(clickhouse, day);
    const events = await eventsIn(register, day);
    const { missing, ahead } = compareCopy(events, copy);
    const [first] = ahead;
    if (first)
      await refuse(
        register,
        behindOf(event, day),
        `ClickHouse's ${databaseOf(event)}.ledger has ${named(first)}, which the register does not have`,
      );
    return { missing, seq: events.at(-1)?.seq ?? 0 };
  };
  const { missing, seq } = await compare();
  if (missing.length === 0) return seq;
  for (const row of missing) await insert(clickhouse, id, row, true);
  // ClickHouse drops a row whose token it knows, also if it has lost the row since. Only those that it was just given: a
  // later one may be there by now.
  const given = new Set(missing.map((row) => row.seq));
  const dropped = (await compare()).missing.filter((row) => given.has(row.seq));
  for (const row of dropped) await insert(clickhouse, id, row, false);
  return seq;
}

const insert = (clickhouse: ClickHouseClient, register: string, row: LedgerRow, isOnce: boolean): Promise<unknown> =>
  clickhouse.insert({
    table: 'ledger',
    values: [{ ...row, register }],
    format: 'JSONEachRow',
    clickhouse_settings: {
      async_insert: 0,
      insert_deduplicate: isOnce ? 1 : 0,
      ...(isOnce && { insert_deduplication_token: `ledger-${row.date}-${row.seq}` }),
    },
  });

/** Writes Hive's file of the day anew if it is not what ClickHouse's copy says. */
async function bringToHive({ event, register, clickhouse, archiveDir }: Ledger, day: string): Promise<void> {
  const inFile = runsInHive(archiveDir, day);
  const known = new Set((await eventsIn(register, day)).map(({ run }) => run));
  const unknown = inFile.find((run) => !known.has(run));
  if (unknown !== undefined) {
    await refuse(
      register,
      behindOf(event, day),
      `Hive's ${databaseOf(event)}.batch_runs has run ${unknown} of ${day}, which the register does not have`,
    );
  }
  const runs = await batchRuns(clickhouse, day);
  if (runs.length > 0 && !isInHive(archiveDir, day, runs)) writeHiveLedger(archiveDir, day, runs);
}

const named = ({ date, seq, run, state }: LedgerRow): string => `event ${seq} of ${date} (run ${run} ${state})`;

const refuse = (register: Register, name: string, what: string): Promise<never> =>
  orReport(register, name, () => Promise.reject(new RegisterBehindError(what)));

/** The register has what the copies of a day have. */
export const settleDay = ({ event, register }: Pick<Ledger, 'event' | 'register'>, day: string): Promise<void> =>
  settleFinding(register, behindOf(event, day), 'the register has what its copies have');

/** Reports the finding if the register is behind. */
async function orReport<T>(register: Register, name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RegisterBehindError) {
      const what = `${error.what}: publishing has stopped`;
      await reportFinding(register, name, {
        code: 'register_behind',
        what,
        mend: MEND,
        range: null,
        found_at: iso(Date.now()),
      });
    }
    throw error;
  }
}
