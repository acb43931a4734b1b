import { DayBusyError, type DayLock, lockDay } from '../day/lock.ts';
import { bringCopies, checkCopies, type Ledger } from './ledger_copies.ts';
import { lastSeq as lastSeqIn } from './ledger_row.ts';
import { bringRunFiles } from './run_files.ts';

/** A day that this process works on. */
export interface HeldDay extends DayLock {
  /** Number of the last event that what is decided of the day knows of; later events of others are not known to it. */
  lastSeq: number;
  /** Throws DayBusyError if another process has recorded an event of the day since: what was decided may be out of date. */
  assertCurrent(): Promise<void>;
}

/**
 * Takes the lock of a day. What a kill left between register and copies is repaired before, so that the copies can be
 * read to decide. Throws DayBusyError while another process works on the day, and RegisterBehindError if a copy has what
 * the register does not.
 */
export async function takeDay(ledger: Ledger, day: string): Promise<HeldDay> {
  // First: what is not the right register would take the lock.
  await checkCopies(ledger);
  const lock = await lockDay(ledger, day);
  try {
    await bringRunFiles(ledger, day);
    const lastSeq = await bringCopies(ledger, day);
    const held: HeldDay = {
      ...lock,
      lastSeq,
      async assertCurrent() {
        lock.assertHeld();
        if ((await lastSeqIn(ledger.register, day)) === held.lastSeq) return;
        throw new DayBusyError(`another process has recorded an event of ${day} meanwhile: nothing more is done here`);
      },
    };
    return held;
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Works on a day while holding its lock; see takeDay. */
export async function holdDay<T>(ledger: Ledger, day: string, work: (held: HeldDay) => Promise<T>): Promise<T> {
  const held = await takeDay(ledger, day);
  try {
    return await work(held);
  } finally {
    held.release();
  }
}
