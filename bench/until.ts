import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 20;
const LIMIT_MS = 600_000;

/** Asks again and again until the answer is yes; rejects if the question fails, or after a limit that nothing good takes. */
export async function until(what: string, ask: () => Promise<boolean>, pollMs = POLL_MS): Promise<void> {
  const end = Date.now() + LIMIT_MS;
  while (!(await ask())) {
    if (Date.now() > end) throw new Error(`not within ${LIMIT_MS / 1000} s: ${what}`);
    await delay(pollMs);
  }
}
