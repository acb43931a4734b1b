import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { DAY_MS } from '../../domain/time.ts';

/** Fixed days in tests are before these: a day published in one file must not be used by another. */
const FIRST_MS = Date.UTC(2022, 0, 1);
const DAYS = 4 * 365;

/**
 * So many days, one after the other, that no other test of this run gets: a day that one test publishes hides what
 * another writes for it. The day after them stays empty. Returns the start of the first, in epoch milliseconds.
 */
export function testDays(count = 1): number {
  // The folder of the second platform: that of the shared one goes before the last tests.
  const taken = join(String(inject('secondEnv').DATA_DIR), 'test-days');
  mkdirSync(taken, { recursive: true });
  // External engines may have data from an earlier run: another run starts with other days.
  const first = Math.floor(Date.now() / 600_000) % DAYS;
  for (let n = 0, free = 0; n < 2 * DAYS; n++) {
    const day = (first + n) % DAYS;
    // Consecutive, also at the end of the range.
    if (day === 0) free = 0;
    free = take(join(taken, String(day))) ? free + 1 : 0;
    if (free === count + 1) return FIRST_MS + (day - count) * DAY_MS;
  }
  throw new Error(`no ${count} days in a row are left for a test`);
}

/** Test files are separate processes: the folder tells them which days are taken. */
function take(path: string): boolean {
  try {
    writeFileSync(path, '', { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** An ad that no other test has. */
export const testAd = (name: string): string => `${name}-${randomBytes(4).toString('hex')}`;
