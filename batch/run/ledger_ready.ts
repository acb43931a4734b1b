import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../infra/log.ts';
import { checkCopies, type Ledger } from './ledger_copies.ts';
import { RegisterBehindError } from './ledger_import.ts';
import { LEDGER } from './ledger_row.ts';

const EVERY_MS = 5_000;

interface Waiting extends Ledger {
  log: Log;
  signal: AbortSignal;
}

/**
 * Waits until something can be published: the register is there, and has what its copies have. Counting needs neither.
 * @param onWait called whenever there is another reason to wait, or none any more
 */
export async function ledgerReady(
  ledger: Waiting,
  onWait: (why: string | null) => void = () => {},
  everyMs = EVERY_MS,
): Promise<void> {
  const { log, signal } = ledger;
  for (let last: string | null = null; ; ) {
    const why = await whyNot(ledger);
    if (why !== last) {
      if (why !== null) log.error(`publishing waits: ${why}`);
      else log.info('publishing goes on');
      onWait(why);
    }
    if (why === null) return;
    last = why;
    await delay(everyMs, undefined, { signal });
  }
}

async function whyNot(ledger: Ledger): Promise<string | null> {
  try {
    await ledger.register.list(LEDGER);
  } catch (error) {
    return `the register cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
  try {
    await checkCopies(ledger);
    return null;
  } catch (error) {
    if (error instanceof RegisterBehindError) return error.message;
    throw error;
  }
}
