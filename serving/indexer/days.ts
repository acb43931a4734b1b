import type { EventKind } from '../../domain/event_kinds.ts';
import { hoursIndex, minutesIndex, type Source } from '../../domain/names.ts';
import { DAY_MS, dayOf, dayStartMs } from '../../domain/time.ts';
import type { DaysDoc, HeldDay, RunTotals } from '../documents/days.ts';

/** One index. The hours of a run are created and deleted with its minutes. */
export interface IndexTarget {
  event: EventKind;
  day: string;
  source: Source;
  grain?: 'hour';
}

export const indexOf = ({ event, day, source, grain }: IndexTarget): string =>
  grain === 'hour' ? hoursIndex(event, day, source) : minutesIndex(event, day, source);

const runOf = (source: Source): number => (source === 'rt' ? 0 : Number(source.slice(1)));

export function isIndexed(days: DaysDoc, { day, source }: Pick<IndexTarget, 'day' | 'source'>): boolean {
  const entry = days.held.find((held) => held.day === day);
  if (entry === undefined) return false;
  return source === 'rt' ? entry.realtime !== 'none' : entry.runs.some(({ run }) => run === runOf(source));
}

/** Whether rows of the day are dropped in real time. */
const isGivenUp = ({ given_up, unseen_before }: DaysDoc, day: string): boolean =>
  given_up.includes(day) || (unseen_before !== undefined && day < unseen_before);

/**
 * Records the targets as held, and gives up days that there is no more room for.
 * @param limit maximum number of held days
 * @param room maximum number of new real-time days: the latest ones are admitted
 */
export function admit(
  before: DaysDoc,
  targets: IndexTarget[],
  { limit, room, nowMs }: { limit: number; room: number; nowMs: number },
): DaysDoc {
  const days = refuse(before, targets, room);
  const wanted = targets.filter(({ day, source }) => source !== 'rt' || !isGivenUp(days, day));
  const names = new Set(wanted.map(({ day }) => day));
  const newest = new Set(days.held.slice(days.held.length - names.size).map(({ day }) => day));
  const upToDate = [...names].every((day) => newest.has(day)) && wanted.every((target) => isIndexed(days, target));
  if (upToDate && days.held.length <= limit) return days;

  const held = new Map(days.held.map((entry) => [entry.day, entry]));
  for (const { day, source } of wanted) {
    const entry = held.get(day) ?? { day, realtime: 'none', runs: [], awaited: null };
    held.delete(day);
    held.set(day, withSource(entry, source));
  }
  const givenUp = spare([...held.values()], limit, nowMs);
  return {
    ...days,
    held: [...held.values()].filter(({ day }) => !givenUp.has(day)),
    given_up: [...new Set([...days.given_up, ...givenUp])].sort(),
  };
}

function refuse(days: DaysDoc, targets: IndexTarget[], room: number): DaysDoc {
  const refused = newDays(days, targets).slice(room);
  return refused.length === 0 ? days : { ...days, given_up: [...new Set([...days.given_up, ...refused])].sort() };
}

/** Whether events come for the day as they happen, or come late for yesterday, as is usual. */
export const isCurrent = (day: string, nowMs: number): boolean => day >= dayOf(nowMs - DAY_MS);

/** Days that would be newly held in real time, the latest first. */
export function newDays(days: DaysDoc, targets: IndexTarget[]): string[] {
  const taken = new Set(days.held.filter(({ realtime }) => realtime !== 'none').map(({ day }) => day));
  const fresh = targets.filter(({ day, source }) => source === 'rt' && !taken.has(day) && !isGivenUp(days, day));
  return [...new Set(fresh.map(({ day }) => day))].sort().reverse();
}

/**
 * Days that there is no room for: first those that are not among the last `limit` days up to tomorrow, so that a click of
 * an odd date takes no index from a recent day; of either, those written longest ago. A day that waits for its run
 * stays, and takes no recent day's place either.
 */
function spare(held: HeldDay[], limit: number, nowMs: number): Set<string> {
  const [from, to] = [dayOf(nowMs + (2 - limit) * DAY_MS), dayOf(nowMs + DAY_MS)];
  const isRecent = ({ day }: HeldDay): boolean => day >= from && day <= to;
  const isFree = ({ awaited }: HeldDay): boolean => awaited === null;
  const odd = held.filter((entry) => !isRecent(entry));
  const candidates = [...odd.filter(isFree), ...held.filter((entry) => isRecent(entry) && isFree(entry))];
  const recent = held.length - odd.length;
  const needed = Math.max(0, held.length - limit);
  const most = odd.filter(isFree).length + Math.max(0, recent - limit);
  return new Set(candidates.slice(0, Math.min(needed, most)).map(({ day }) => day));
}

function withSource(entry: HeldDay, source: Source): HeldDay {
  if (source === 'rt') return entry.realtime === 'none' ? { ...entry, realtime: 'begun' } : entry;
  const run = runOf(source);
  if (entry.runs.some((known) => known.run === run)) return entry;
  const awaited = Math.max(run, entry.awaited ?? 0);
  return { ...entry, runs: [...entry.runs, { run, complete: false }], awaited };
}

/** The index of a target was missing and has been created: is it new, or was it lost? */
export function isLost(days: DaysDoc, { day, source, grain }: IndexTarget): boolean {
  const entry = days.held.find((held) => held.day === day);
  if (source === 'rt') return entry?.realtime === 'made';
  const known = entry?.runs.find(({ run }) => run === runOf(source));
  return (grain === 'hour' ? known?.hours : known?.complete) ?? false;
}

export const makeRealtime = (days: DaysDoc, day: string): DaysDoc =>
  changeDay(days, day, (entry) => (entry.realtime === 'begun' ? { ...entry, realtime: 'made' } : entry));

/** In real time the day is given up; a run's index must be completed again. */
export function markLost(days: DaysDoc, { day, source, grain }: IndexTarget): DaysDoc {
  if (source === 'rt') return loseRealtime(days, day);
  const lost = grain === 'hour' ? { hours: false } : { complete: false };
  return changeDay(days, day, (entry) => ({
    ...entry,
    runs: entry.runs.map((known) => (known.run === runOf(source) ? { ...known, ...lost } : known)),
  }));
}

function loseRealtime(days: DaysDoc, day: string): DaysDoc {
  const without = changeDay(days, day, (entry) => ({ ...entry, realtime: 'none' }));
  return { ...without, given_up: [...new Set([...days.given_up, day])].sort() };
}

/** Real-time counts of the days no longer equal their rows (a replay recounted them). */
export const giveUpRealtime = (days: DaysDoc, names: string[]): DaysDoc =>
  names.every((day) => days.given_up.includes(day)) ? days : names.reduce(loseRealtime, days);

/**
 * Messages were never seen: real time is given up for every day that they may have had rows of, known or not. Those are
 * the held ones, and any other up to the last day that can have been in them.
 * @param lastDay of the time now, and of the boundary that was announced after them
 */
export function giveUpUnseen(days: DaysDoc, lastDay: string): DaysDoc {
  const held = days.held.filter(({ realtime }) => realtime !== 'none').map(({ day }) => day);
  const ends = [lastDay, ...held].map((day) => dayStartMs(day) + DAY_MS);
  if (days.unseen_before !== undefined) ends.push(dayStartMs(days.unseen_before));
  return { ...giveUpRealtime(days, held), unseen_before: dayOf(Math.max(...ends)) };
}

/** @param totals that were counted; with `hours` if those are complete too: without them, its minutes answer for them */
export function completeRun(days: DaysDoc, day: string, run: number, totals?: RunTotals): DaysDoc {
  const complete = { run, complete: true, hours: totals?.hours !== undefined, ...(totals && { totals }) };
  return changeDay(days, day, (entry) => ({
    ...entry,
    runs: entry.runs.map((known) => (known.run === run ? complete : known)),
  }));
}

/** A run became current (0: none is): the day no longer waits for it, nor for an older one. */
export function settleRun(days: DaysDoc, day: string, run: number): DaysDoc {
  return changeDay(days, day, (entry) =>
    entry.awaited !== null && run >= entry.awaited ? { ...entry, awaited: null } : entry,
  );
}

/** No run of a day is held any more but the current one (0: none is) and the one that the day waits for. */
export function letFormerRunsGo(days: DaysDoc, day: string, current: number): DaysDoc {
  return changeDay(days, day, (entry) => {
    const runs = entry.runs.filter(({ run }) => run === current || run === entry.awaited);
    return runs.length === entry.runs.length ? entry : { ...entry, runs };
  });
}

function changeDay(days: DaysDoc, day: string, change: (entry: HeldDay) => HeldDay): DaysDoc {
  const held = days.held.map((entry) => (entry.day === day ? change(entry) : entry));
  return held.every((entry, i) => entry === days.held[i]) ? days : { ...days, held };
}
