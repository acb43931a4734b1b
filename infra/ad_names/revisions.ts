import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { AdName } from '../../domain/ad_names.ts';
import { time } from '../../domain/fields.ts';
import { lastNumber, numbered, type Register } from '../register/register.ts';

/**
 * Revisions of the names of ads in the register. Of each change the entries lie under its id, in parts; it is made by one
 * key, that of its revision, which is created last: a change is there whole or not at all.
 */
const NAMES = 'ad-names/';
const REVISIONS = `${NAMES}revisions/`;
const partKey = (change: string, part: number): string => `${NAMES}changes/${change}/${numbered(part)}`;
const revisionKey = (revision: number): string => `${REVISIONS}${numbered(revision)}`;

export const PART_ENTRIES = 5_000;

export const storedName = z.strictObject({
  ad_id: z.string().min(1),
  valid_from_s: z.int().min(0),
  name: z.string(),
  campaign: z.string(),
  advertiser: z.string(),
});
const part = z.array(storedName).min(1);

const namesRevision = z.strictObject({
  change: z.uuid(),
  parts: z.int().min(1),
  entries: z.int().min(1),
  recorded_at: time,
  recorded_by: z.string(),
});
export type NamesRevision = z.infer<typeof namesRevision>;

/** Who made a change, and when. */
type Recorded = Pick<NamesRevision, 'recorded_at' | 'recorded_by'>;

/** False: somebody else has made that revision, so the change must be decided anew. What was written of it is never read. */
export async function createNamesRevision(
  register: Register,
  revision: number,
  entries: readonly AdName[],
  recorded: Recorded,
  change: string = randomUUID(),
): Promise<boolean> {
  const parts = Math.ceil(entries.length / PART_ENTRIES);
  for (let n = 0; n < parts; n++) {
    // Taken: another process does the same for this change.
    await register.create(partKey(change, n + 1), entries.slice(n * PART_ENTRIES, (n + 1) * PART_ENTRIES));
  }
  const value: NamesRevision = { change, parts, entries: entries.length, ...recorded };
  return (await register.create(revisionKey(revision), value)) === 'made';
}

/** Numbers of all revisions, in order. */
export const namesRevisions = async (register: Register): Promise<number[]> =>
  (await register.list(REVISIONS)).map((key) => lastNumber([key]));

export async function readNamesRevision(register: Register, revision: number): Promise<NamesRevision> {
  const found = await register.read(namesRevision, revisionKey(revision));
  if (found === null) throw new Error(`the register has no revision ${revision} of the names of ads`);
  return found;
}

/** The entries of a change, part by part. */
export async function* partsOf(register: Register, { change, parts }: NamesRevision): AsyncGenerator<AdName[]> {
  for (let n = 1; n <= parts; n++) {
    const found = await register.read(part, partKey(change, n));
    if (found === null) throw new Error(`the register has no ${partKey(change, n)}, of which names of ads are made`);
    yield found;
  }
}
