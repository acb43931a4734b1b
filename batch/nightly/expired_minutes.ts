import { type Gone, goneKey, monthNumber } from '../../domain/retention.ts';
import { DAY_MS, dayStartMs } from '../../domain/time.ts';
import { ANNOUNCED_MS } from '../../infra/raw_kept.ts';

/** Minutes of a run of a day. */
export interface HeldRun {
  day: string;
  run: number;
  bytes: number;
}

/** Real-time minutes that arrived in a month, and the days that they are of. */
export interface HeldMonth {
  month: number;
  days: string[];
  bytes: number;
}

export interface MinutesState {
  runs: HeldRun[];
  months: HeldMonth[];
  /** What is on record as gone, and since when. */
  gone: (Gone & { announcedMs: number })[];
  /** What days are answered from: the run (0: real time), since when it is, and the newest run that ever was published. */
  answering: ReadonlyMap<string, { current: number; sinceMs: number; newest: number }>;
  /** Days whose last run is blocked. */
  blocked: ReadonlySet<string>;
  /** Raw rows that arrived in earlier months are gone. */
  rawGoneBefore: number;
}

/** What keeps minutes beyond their time, by the month that they are of. */
export interface KeptMinutes {
  month: number;
  days: string[];
  bytes: number;
}

interface MinutesPlan {
  /** What may be dropped now: announced long enough ago that no question is at work with it. */
  runs: HeldRun[];
  months: number[];
  /** What is to go on record, and is dropped later. */
  announce: Gone[];
  kept: KeptMinutes[];
}

/**
 * Minutes go when the run that answers for their day has done so for `minuteDays`: those of all its runs, so a day of long
 * ago that was counted yesterday keeps them. Real-time minutes go by months of arrival, when the raw rows of the month are
 * gone. Nothing goes of a day that is blocked, or that no run answers for.
 */
export function planMinutes(state: MinutesState, nowMs: number, minuteDays: number): MinutesPlan {
  const { runs, months, gone, answering, blocked, rawGoneBefore } = state;
  const beforeMs = nowMs - minuteDays * DAY_MS;
  const announcedMs = new Map(gone.map((one) => [goneKey(one), one.announcedMs]));
  const isAnnounced = (one: Gone): boolean => announcedMs.has(goneKey(one));
  const isDroppable = (one: Gone): boolean => (announcedMs.get(goneKey(one)) ?? nowMs) < nowMs - ANNOUNCED_MS;
  const isAnswered = (day: string): boolean => (answering.get(day)?.current ?? 0) > 0 && !blocked.has(day);
  // A newer run than any that was published may be at work.
  const isOld = ({ day, run }: HeldRun): boolean => {
    const { sinceMs = nowMs, newest = 0 } = answering.get(day) ?? {};
    return sinceMs < beforeMs && run <= newest;
  };
  const ofRun = ({ day, run }: HeldRun): Gone => ({ day, run, month: 0 });
  const ofMonth = ({ month, days }: HeldMonth): Gone[] => days.map((day) => ({ day, run: 0, month }));

  const ofPublished = runs.filter(({ day }) => isAnswered(day));
  const old = months.filter(({ month }) => month < monthNumber(beforeMs));
  const counted = old.filter(({ days }) => days.every(isAnswered));
  const expired = [
    ...ofPublished.filter(isOld).map(ofRun),
    ...counted.filter(({ month }) => month < rawGoneBefore).flatMap(ofMonth),
  ];
  const keptRuns = runs
    .filter(({ day }) => dayStartMs(day) < beforeMs && (blocked.has(day) || answering.get(day)?.current === 0))
    .map(({ day, bytes }) => ({ month: monthNumber(dayStartMs(day)), days: [day], bytes }));
  const keptMonths = old
    .map(({ days, ...rest }) => ({ ...rest, days: days.filter((day) => !isAnswered(day)) }))
    .filter(({ days }) => days.length > 0);
  return {
    runs: ofPublished.filter((held) => isDroppable(ofRun(held))),
    months: counted.filter((held) => ofMonth(held).every(isDroppable)).map(({ month }) => month),
    announce: expired.filter((one) => !isAnnounced(one)),
    kept: byMonth([...keptRuns, ...keptMonths]),
  };
}

function byMonth(kept: KeptMinutes[]): KeptMinutes[] {
  const months = new Map<number, KeptMinutes>();
  for (const { month, days, bytes } of kept) {
    const sum = months.get(month) ?? { month, days: [], bytes: 0 };
    months.set(month, { month, days: [...new Set([...sum.days, ...days])].sort(), bytes: sum.bytes + bytes });
  }
  return [...months.values()].sort((a, b) => a.month - b.month);
}
