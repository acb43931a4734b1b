import type { PublishedRun } from '../../domain/receipt.ts';
import type { Part, Plan } from './parts.ts';
import { sourcesOf } from './plan.ts';
import { boundsOf, clip, dayRange, isEmpty, type Range } from './ranges.ts';

/** What ClickHouse does not have any more, or may not: Hive keeps it. */
export interface Gone {
  /** Days that raw clicks had arrived for before those that are all kept. */
  rawDays: ReadonlySet<string>;
  /** Runs (`runKey`) whose minutes are not there. */
  runs: ReadonlySet<string>;
}

export const NOTHING_GONE: Gone = { rawDays: new Set(), runs: new Set() };

export const runKey = ({ date, run }: Pick<PublishedRun, 'date' | 'run'>): string => `${date}/${run}`;

/**
 * The plan with Hive in the place of ClickHouse for what is gone there, of published days. (Of other days nothing goes.)
 * Every instant stays under the authority that it was under.
 */
export function withArchive(plan: Plan, { rawDays, runs }: Gone): Plan {
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
  isGone: (run: PublishedRun) => boolean,
): Part[] {
  const gone = part.runs.filter(isGone);
  if (gone.length === 0) return [part];
  const kept = part.runs.filter((run) => !isGone(run));
  return [
    ...(kept.length > 0 ? [{ kind: part.kind, runs: kept, ...daysOf(part, kept) }] : []),
    { kind, runs: gone, ...daysOf(part, gone) },
  ];
}

/** From the first of some days to the last, within a range. */
function daysOf(range: Range, runs: PublishedRun[]): Range {
  const days = runs.map(({ date }) => clip(dayRange(date), { fromMs: range.fromMs, toMs: range.toMs }));
  return boundsOf(days.filter((day) => !isEmpty(day))) ?? { fromMs: range.fromMs, toMs: range.fromMs };
}

/** If any run is asked of Hive, all are, which has all of them: the most clicked ads can only be told by one engine. */
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
