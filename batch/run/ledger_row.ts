import { z } from 'zod';
import { type RecordedState, recordedState, runFigures } from '../../domain/batch_run.ts';
import { count, day, time } from '../../domain/fields.ts';
import { parsed } from '../../domain/parse.ts';
import { iso } from '../../domain/time.ts';
import { lastNumber, numbered, type Register } from '../../infra/register/register.ts';

const run = z.int().min(0);

const facts = {
  run,
  state: recordedState,
  reason: z.string(),
  requested_by: z.string(),
  ...runFigures.shape,
  // Absent in events from before there were annotations.
  annotation_conflicts: runFigures.shape.annotation_conflicts.default(0),
  request: z.string(),
  note: z.string(),
};

/** One event in the life of a run; run 0 is what a day is answered from without one. Times are epoch milliseconds. */
const ledgerEvent = z.strictObject({ day, ...facts, started_at: z.int(), finished_at: z.int().nullable() });
export type LedgerEvent = z.infer<typeof ledgerEvent>;

/** An event with its number, as it is in the register, and in ads.ledger. Times are ISO 8601. */
export const ledgerRow = z.strictObject({
  date: day,
  seq: count,
  ...facts,
  started_at: time,
  finished_at: time.nullable(),
  recorded_at: time,
});
export type LedgerRow = z.infer<typeof ledgerRow>;

/** Throws for an event that is not one: ClickHouse takes a row without a column, or with one it does not know. */
export function rowOf(event: LedgerEvent, seq: number, nowMs: number): LedgerRow {
  const { day, started_at, finished_at, ...rest } = parsed(ledgerEvent, event, 'an event of the ledger');
  return {
    date: day,
    seq,
    ...rest,
    started_at: iso(started_at),
    finished_at: finished_at === null ? null : iso(finished_at),
    recorded_at: iso(nowMs),
  };
}

export const LEDGER = 'ledger/';
export const keyOfEvent = (day: string, seq: number): string => `${LEDGER}${day}/${numbered(seq)}`;

const EVENT = /^ledger\/(\d{4}-\d{2}-\d{2})\/\d+$/;
/** The day of an event's key; null for another key of the ledger. */
export const dayOfKey = (key: string): string | null => EVENT.exec(key)?.[1] ?? null;

/** Number of the day's last event; 0 without any. */
export const lastSeq = async (register: Register, day: string): Promise<number> =>
  lastNumber(await register.list(`${LEDGER}${day}/`));

/** The events of a day, in order. */
export async function eventsIn(register: Register, day: string): Promise<LedgerRow[]> {
  const keys = await register.list(`${LEDGER}${day}/`);
  const rows = await Promise.all(keys.map((key) => register.read(ledgerRow, key)));
  return rows.filter((row) => row !== null);
}

/** The event that made the day's current answer what it is; undefined if the day was never published. */
export const currentEvent = (events: LedgerRow[]): LedgerRow | undefined =>
  events.findLast(({ state }) => state === ('published' satisfies RecordedState));
