import { z } from 'zod';

/** Fields that many rows have. */
export const count = z.int().min(0);
/** A time as ISO 8601 in UTC, with milliseconds. */
export const time = z.iso.datetime({ precision: 3 });
export const day = z.iso.date();
/** Such as 202601. */
export const month = z.string().regex(/^\d{6}$/);

/**
 * A list of thousands of entries that comes many times a second: a loop by hand checks it, because a schema of each entry
 * would take most of the time of a message.
 * @param entries what they are, and `expected` the form of one: for the message
 */
export const longListOf = <Entry>(isEntry: (value: unknown) => value is Entry, entries: string, expected: string) =>
  z.custom<Entry[]>(Array.isArray, `expected a list of ${entries}`).check(({ value, issues }) => {
    for (let i = 0; i < value.length; i++) {
      if (isEntry(value[i])) continue;
      issues.push({ code: 'custom', input: value, path: [i], message: `expected ${expected}` });
      return;
    }
  });
