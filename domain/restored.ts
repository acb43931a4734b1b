import { z } from 'zod';
import { cut } from './cut.ts';
import { count, day } from './fields.ts';
import { messageFingerprint } from './message_fingerprint.ts';
import { DAY_MS, dayStartMs } from './time.ts';

/** See sql/clickhouse/migrations/0023_restored.sql. */
const restoreStep = z.enum(['begun', 'cut', 'filled', 'realtime', 'minutes', 'raw', 'withheld', 'ended']);
export type RestoreStep = z.infer<typeof restoreStep>;

/** A row of ads.restored. */
export const restoredRow = z.object({ step: restoreStep, day, run: count, facts: z.string() });
export type RestoredRow = z.infer<typeof restoredRow>;

/** Where the sink goes on in a log, and what it must know of what is below. */
const position = z.object({
  offset: count,
  arrivedMs: z.int().nullable(),
  rejected: count,
  before: messageFingerprint.nullable(),
});

/** The facts of step 'cut': what was decided before anything was filled; a resumed restore fills the same. */
export const cutFacts = z.object({
  /** Real time is filled below it. */
  cut,
  /** What the sink had counted before ClickHouse was lost. */
  counted: cut,
  /** By log; of one that is absent, what the sink has committed itself holds at its cut. */
  positions: z.record(z.string(), position),
});
export type CutFacts = z.infer<typeof cutFacts>;
export type SinkPosition = z.infer<typeof position>;

/** What is back of a ClickHouse that was lost. */
export interface Restored {
  /** Steps that are done once. */
  steps: ReadonlySet<RestoreStep>;
  /** Days with a published run whose runs' minutes are back. */
  minutes: ReadonlySet<string>;
  /** Days whose raw clicks, and real-time counts, are back. */
  raw: ReadonlySet<string>;
  /** `2026-01-31/2`: runs that could not be brought back. */
  withheld: ReadonlySet<string>;
}

/** Null: it was never lost. */
export function restoredOf(rows: readonly RestoredRow[]): Restored | null {
  if (rows.length === 0) return null;
  const daysOf = (step: RestoreStep): Set<string> =>
    new Set(rows.filter((row) => row.step === step).map((row) => row.day));
  const withheld = rows.filter(({ step }) => step === 'withheld').map(({ day, run }) => `${day}/${run}`);
  return {
    steps: new Set(rows.map(({ step }) => step)),
    minutes: daysOf('minutes'),
    raw: daysOf('raw'),
    withheld: new Set(withheld),
  };
}

/** What a question takes: counts by minute, or raw clicks too. */
export type Takes = 'minutes' | 'raw';

/**
 * The days `[from, to]` that cannot be answered, because what they take is not back; in words, null: none.
 * @param published the run that answers for each day that has one
 */
export function notBack(
  restored: Restored,
  { from, to }: { from: string; to: string },
  published: ReadonlyMap<string, { run: number }>,
  takes: Takes,
): string | null {
  const { steps, withheld } = restored;
  const isOver = steps.has('ended');
  const missing = [...published]
    .filter(([day, { run }]) => {
      if (day < from || day > to) return false;
      if (withheld.has(`${day}/${run}`)) return true;
      if (isOver) return false;
      return !restored.minutes.has(day) || (takes === 'raw' && !restored.raw.has(day));
    })
    .map(([day]) => day);
  missing.sort();
  const [first] = missing;
  if (first !== undefined) return missing.length === 1 ? first : `${first} and ${missing.length - 1} more days`;
  const hasRun = [...published.keys()].filter((day) => day >= from && day <= to).length;
  const days = Math.round((dayStartMs(to) - dayStartMs(from)) / DAY_MS) + 1;
  return !isOver && !steps.has('realtime') && hasRun < days ? 'days without a run' : null;
}

/** Published days of which only raw clicks are missing: Hive has them. */
export const rawMissing = (restored: Restored, days: Iterable<string>): string[] =>
  restored.steps.has('ended') ? [] : [...days].filter((day) => restored.minutes.has(day) && !restored.raw.has(day));
