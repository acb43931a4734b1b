import { setTimeout as delay } from 'node:timers/promises';

/** Repeats until there is a result; with a generous limit, because a test machine may be busy. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | null | undefined | false>,
  limitMs = 60_000,
  everyMs = 100,
): Promise<T> {
  const end = Date.now() + limitMs;
  let lastError: unknown;
  while (Date.now() < end) {
    try {
      const answer = await ask();
      if (answer !== null && answer !== undefined && answer !== false) return answer;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    await delay(everyMs);
  }
  throw new Error(`not within ${limitMs / 1000} s: ${what}`, { cause: lastError });
}
