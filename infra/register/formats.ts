import { numbered, type Register } from './register.ts';

/**
 * Forms of stored data and messages, which a release reads up to one. On record is the highest that was ever written:
 * a release that does not know it refuses to start.
 * 1: up to the release after 0.1.0; never on record.
 * 2: messages of version 2 in the second queue (domain/message_version.ts).
 * 3: annotated messages of events (domain/click/wire.ts), and a column for annotations in archived files.
 */
const FORMAT = 3;

const FORMATS = 'formats/';
const numberIn = (key: string): number => Number(key.slice(FORMATS.length));

/** The highest format that was ever written. */
export async function highestFormat(register: Register): Promise<number> {
  const last = (await register.list(FORMATS)).at(-1);
  return last === undefined ? 1 : numberIn(last);
}

/** Whether data in that very format were written. One that is on record says nothing of those below it. */
export const isOnRecord = async (register: Register, format: number): Promise<boolean> =>
  (await register.list(FORMATS)).some((key) => numberIn(key) === format);

/** To be called before the first piece of data in that format is written. */
export async function recordFormat(register: Register, format: number): Promise<void> {
  // Taken: another process has recorded it.
  await register.create(`${FORMATS}${numbered(format)}`, { recorded_by: process.pid });
}

/** Throws if data may be there that this release cannot read. */
export async function requireKnownFormat(register: Register, known = FORMAT): Promise<void> {
  const written = await highestFormat(register);
  if (written <= known) return;
  throw new Error(
    `data were written in format ${written}, and this release reads formats up to ${known}: start a newer release`,
  );
}
