import { z } from 'zod';

/** Fields that many rows have. */
export const count = z.int().min(0);
/** A time as ISO 8601 in UTC, with milliseconds. */
export const time = z.iso.datetime({ precision: 3 });
export const day = z.iso.date();
