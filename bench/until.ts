import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 20;
const LIMIT_MS = 600_000;

/** Polls until the result is true; rejects if the check fails, or after a generous limit. */
export async function until(what: string, ask: () => Promise<boolean>, pollMs = POLL_MS): Promise<void> {
  const end = Date.now() + LIMIT_MS;
  while (!(await ask())) {
    if (Date.now() > end) throw new Error(`not within ${LIMIT_MS / 1000} s: ${what}`);
    await delay(pollMs);
  }
}
