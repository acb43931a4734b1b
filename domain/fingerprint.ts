import { z } from 'zod';

/**
 * Tells a message of a partition from any other that could stand at its offset: when the broker appended it, and a
 * hash of its value. Where the message before an offset has another fingerprint than on record, the log is not the one
 * that was read up to there: it was cut and written on, or made anew.
 */
export const fingerprint = z.object({ at: z.int(), hash: z.string() });
export type Fingerprint = z.infer<typeof fingerprint>;

export const isSame = (a: Fingerprint, b: Fingerprint): boolean => a.at === b.at && a.hash === b.hash;
