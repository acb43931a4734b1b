import { z } from 'zod';
import { type EventKind, PLURAL } from '../../domain/event_kinds.ts';
import { time } from '../../domain/fields.ts';
import { numbered, type Register } from './register.ts';

/**
 * Something that makes answers smaller, larger or older than they should be, or would have if the role that found it
 * had gone on. It is said in `status`, in receipts and as a metric until it is settled.
 */
const finding = z.object({
  /** What kind of thing it is, such as `offsets_went_back`: the label of the metric. */
  code: z.string(),
  /** One sentence: what is wrong, with what, since when. */
  what: z.string(),
  /** What to do, with the command. */
  mend: z.string(),
  /** The times of the clicks it concerns; null: any. */
  range: z.object({ from: time, to: time }).nullable(),
  /** No answer is wrong yet: it is said to operators, and not in receipts. */
  is_operational: z.boolean().optional(),
  found_at: time,
});
export type Finding = z.infer<typeof finding>;

/** The name of a matter that each kind of event has for itself. */
export const findingOf = (name: string, event: EventKind): string =>
  event === 'click' ? name : `${name}-${PLURAL[event]}`;

const OPEN = 'findings/open/';
const SETTLED = 'findings/settled/';

/**
 * Reports a finding, unless the same is open already.
 * @param name names the matter, with what it concerns, such as `sink-clicks-0`
 */
export async function reportFinding(register: Register, name: string, found: Finding): Promise<void> {
  const { open, all } = await keysOf(register, name);
  if (open.length > 0) return;
  // Taken: another process has just reported it.
  await register.create(`${OPEN}${name}/${numbered(all + 1)}`, found);
}

/** Does nothing if the matter is not open. */
export async function settleFinding(register: Register, name: string, how: string): Promise<void> {
  for (const key of (await keysOf(register, name)).open) {
    await register.create(`${SETTLED}${key.slice(OPEN.length)}`, { how });
  }
}

/** All open findings with their names, in the order of these. */
export async function openFindings(register: Register): Promise<(Finding & { name: string })[]> {
  const settled = new Set((await register.list(SETTLED)).map((key) => key.slice(SETTLED.length)));
  const open = (await register.list(OPEN)).filter((key) => !settled.has(key.slice(OPEN.length)));
  const found = await Promise.all(
    open.map(async (key) => {
      const one = await register.read(finding, key);
      return one && { name: key.slice(OPEN.length, key.lastIndexOf('/')), ...one };
    }),
  );
  return found.filter((one) => one !== null);
}

async function keysOf(register: Register, name: string): Promise<{ open: string[]; all: number }> {
  const settled = new Set((await register.list(`${SETTLED}${name}/`)).map((key) => key.slice(SETTLED.length)));
  const keys = await register.list(`${OPEN}${name}/`);
  return { open: keys.filter((key) => !settled.has(key.slice(OPEN.length))), all: keys.length };
}
