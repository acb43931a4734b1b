import { z } from 'zod';
import { EVENT_KINDS, type EventKind } from '../../domain/event_kinds.ts';
import { time } from '../../domain/fields.ts';
import { iso } from '../../domain/time.ts';
import { lastNumber, numbered, type Register } from './register.ts';

const PREFIX = 'event-kinds/';
const record = z.object({
  kinds: z.array(z.enum(EVENT_KINDS)),
  at: time,
  /** Nothing had been read before: there are no lines that were passed over. */
  is_new: z.boolean().optional(),
});

/** The kinds that are run, as on record; null: a platform from before there were others than clicks. */
export async function recordedKinds(register: Register): Promise<EventKind[] | null> {
  const last = (await register.list(PREFIX)).at(-1);
  return last === undefined ? null : ((await register.read(record, last))?.kinds ?? null);
}

/**
 * Puts the kinds on record that are run from now on. Roles that are set otherwise stop.
 * @param isNew whether the platform has read nothing yet
 */
export async function recordKinds(
  register: Register,
  kinds: readonly EventKind[],
  nowMs: number,
  isNew = false,
): Promise<void> {
  for (;;) {
    if (isSame(await recordedKinds(register), kinds)) return;
    const number = lastNumber(await register.list(PREFIX)) + 1;
    if ((await register.create(`${PREFIX}${numbered(number)}`, { kinds, at: iso(nowMs), is_new: isNew })) === 'made')
      return;
  }
}

/**
 * When a kind was first run on a platform that had read lines before: those of the kind were passed over. Null: it has been
 * run from the beginning, as clicks always have, or it never was.
 */
export async function firstRunMs(register: Register, kind: EventKind): Promise<number | null> {
  if (kind === 'click') return null;
  for (const key of await register.list(PREFIX)) {
    const found = await register.read(record, key);
    if (found?.kinds.includes(kind)) return found.is_new ? null : Date.parse(found.at);
  }
  return null;
}

/** Why a role that is set to these kinds must not run; null: it may. */
export async function whyOtherKinds(register: Register, kinds: readonly EventKind[]): Promise<string | null> {
  const recorded = await recordedKinds(register);
  if (recorded === null || isSame(recorded, kinds)) return null;
  return (
    `EVENT_KINDS: this role is set to ${kinds.join(',')}, and on record is ${recorded.join(',')}: set it alike for all ` +
    'roles, and put it on record with "./clickledger migrate" (or by starting the platform)'
  );
}

const isSame = (a: readonly EventKind[] | null, b: readonly EventKind[]): boolean => a?.join() === b.join();
