import { type AdName, changedNames, type GivenAdName } from '../../../domain/ad_names.ts';
import { iso, minuteOf } from '../../../domain/time.ts';
import { createNamesRevision } from '../../../infra/ad_names/revisions.ts';
import type { Caller } from '../contract/access.ts';
import { Problem } from '../contract/problem.ts';
import { type NamesSite, namesRevision, ofRegister, readNames, readyRevisions } from '../stores/ad_names.ts';

/** Each try lost against a concurrent change. */
const MAX_TRIES = 10;

interface Put {
  /** The last revision of the names of ads; 0: there is none. */
  revision: number;
  /** How many entries were given, and how many of them said something new. */
  entries: number;
  changed: number;
}

/** Puts names of ads: all of them as one revision, or none. What is already so gets no new revision. */
export async function putAdNames(
  site: NamesSite,
  given: readonly GivenAdName[],
  caller: Caller,
  nowMs: number,
  signal: AbortSignal,
): Promise<Put> {
  const ads = new Set(given.map(({ ad_id }) => ad_id));
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const last = await namesRevision(site, null);
    const known = await readNames(site.stores, ads, last, signal);
    const changes = changedNames(given, known, minuteOf(nowMs) / 1_000);
    if (changes.length === 0) return { revision: last, entries: given.length, changed: 0 };
    if (await append(site, last + 1, changes, caller, nowMs)) {
      return { revision: last + 1, entries: given.length, changed: changes.length };
    }
  }
  const detail = 'names of ads are being changed by others all the time: try again';
  throw new Problem(409, 'conflict', 'The names were changed meanwhile', detail);
}

/** False: somebody else made that revision. */
async function append(
  site: NamesSite,
  revision: number,
  changes: AdName[],
  { name: recorded_by }: Caller,
  nowMs: number,
): Promise<boolean> {
  const recorded = { recorded_at: iso(nowMs), recorded_by };
  if (!(await ofRegister(() => createNamesRevision(site.register, revision, changes, recorded)))) return false;
  await readyRevisions(site);
  return true;
}
