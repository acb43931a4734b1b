import type { PublishedRun } from '../../domain/receipt.ts';
import type { Part, Plan } from './parts.ts';
import { sourcesOf } from './plan.ts';
import { boundsOf, clip, dayRange, isEmpty, type Range } from './ranges.ts';

/** Rows that have, or may have, expired in ClickHouse: Hive keeps them. */
export interface ExpiredRows {
  /** Days with raw clicks that arrived before those that are all kept. */
  rawDays: ReadonlySet<string>;
  /** Runs (`runKey`) whose minutes have expired. */
  runs: ReadonlySet<string>;
}

export const NOTHING_EXPIRED: ExpiredRows = { rawDays: new Set(), runs: new Set() };

export const runKey = ({ date, run }: Pick<PublishedRun, 'date' | 'run'>): string => `${date}/${run}`;

/**
 * The plan with Hive in place of ClickHouse for expired rows of published days. (Nothing expires for other days.) The
 * authority for every instant stays the same.
 */
export function withArchive(plan: Plan, { rawDays, runs }: ExpiredRows): Plan {
  const parts = plan.parts.flatMap((part): Part[] => {
    if (part.kind === 'run_raw') return split(part, 'run_archive', ({ date }) => rawDays.has(date));
    if (part.kind === 'run_minutes') return split(part, 'run_hive_minutes', (run) => runs.has(runKey(run)));
    return [part];
  });
  return { ...plan, parts, sources: sourcesOf(parts) };
}

type RunPart = Part & { kind: 'run_raw' | 'run_minutes' };

function split(
  part: RunPart,
  kind: 'run_archive' | 'run_hive_minutes',
  isExpired: (run: PublishedRun) => boolean,
): Part[] {
  const expired = part.runs.filter(isExpired);
  if (expired.length === 0) return [part];
  const kept = part.runs.filter((run) => !isExpired(run));
  return [
    ...(kept.length > 0 ? [{ kind: part.kind, runs: kept, ...daysOf(part, kept) }] : []),
    { kind, runs: expired, ...daysOf(part, expired) },
  ];
}

/** From the first of some days to the last, within a range. */
function daysOf(range: Range, runs: PublishedRun[]): Range {
  const days = runs.map(({ date }) => clip(dayRange(date), { fromMs: range.fromMs, toMs: range.toMs }));
  return boundsOf(days.filter((day) => !isEmpty(day))) ?? { fromMs: range.fromMs, toMs: range.fromMs };
}

/** If any run needs Hive, all runs come from it: a top list must come from one engine, and Hive has all runs. */
export function allRunsFromHive(plan: Plan): Plan {
  const ofRuns = plan.parts.filter((part) => 'runs' in part);
  const bounds = boundsOf(ofRuns);
  const inHive = ofRuns.find(({ kind }) => kind === 'run_archive' || kind === 'run_hive_minutes');
  if (inHive === undefined || bounds === null) return plan;
  const parts: Part[] = [
    ...plan.parts.filter((part) => !('runs' in part)),
    { kind: inHive.kind, runs: ofRuns.flatMap(({ runs }) => runs), ...bounds },
  ];
  return { ...plan, parts, sources: sourcesOf(parts) };
}
