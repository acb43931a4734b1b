import { DayBusyError } from '../day/lock.ts';
import type { HeldDay } from './hold_day.ts';
import { bringCopies, type Ledger } from './ledger_copies.ts';
import { keyOfEvent, type LedgerEvent, rowOf } from './ledger_row.ts';

/**
 * Adds an event to the ledger and brings both copies to it; returns its number. Creating it in the register is the commit
 * point. It takes the number after the last that was there when the day was read: if another process has recorded
 * something since, it throws DayBusyError, because what was decided without knowing that may not be recorded under any
 * number.
 */
export async function record(ledger: Ledger, held: HeldDay, event: LedgerEvent, nowMs: number): Promise<number> {
  const { day } = event;
  const seq = held.lastSeq + 1;
  const row = rowOf(event, seq, nowMs);
  if ((await ledger.register.create(keyOfEvent(day, seq), row)) === 'taken') {
    throw new DayBusyError(
      `another process has recorded event ${seq} of ${day} meanwhile, so that ${event.state} of run ${event.run} was ` +
        'not recorded: ask for it again, if it is still wanted',
    );
  }
  held.lastSeq = seq;
  await bringCopies(ledger, day);
  return seq;
}
