import type { EventKind } from '../../domain/event_kinds.ts';
import { isByCountryOnly, isNothing } from '../../domain/filters/filter.ts';
import type { FilterRevision } from '../../domain/filters/filter_revision.ts';
import { minutesIndex, parseMinutesIndex, runSource } from '../../domain/names.ts';
import { type AnswerSource, finalityOf, type PublishedRun } from '../../domain/receipt.ts';
import { dayOf } from '../../domain/time.ts';
import { filterRowRange, hasFilterRows } from './filter_rows.ts';
import { runIndexParts } from './hours.ts';
import type { Part, Plan, RunStretch } from './parts.ts';
import type { Question, SearchState, ServingState } from './question.ts';
import {
  boundsOf,
  clip,
  clipAll,
  dayRange,
  isEmpty,
  merge,
  type Range,
  type Stretch,
  splitAtMinutes,
  stretchesOf,
} from './ranges.ts';

/** Only raw clicks have addresses and users. */
export const isRawQuestion = ({ filter }: Question): boolean => !isByCountryOnly(filter);

/**
 * Splits a question over the stores: no instant in two parts, and each day under one authority.
 * @param isRaw from raw clicks only
 */
export function plan(question: Question, state: ServingState, isRaw = isRawQuestion(question)): Plan {
  if (isEmpty(question)) throw new RangeError('the range is empty');
  const stretches = stretchesOf({ fromMs: question.fromMs, toMs: question.toMs }, state.published);
  const ofRuns = stretches.filter(isOfRun);
  const ofRealtime = stretches.filter(({ run }) => run === null);
  const runs = ofRuns.map(({ run }) => run);
  const batch = boundsOf(ofRuns);
  const asksNothing = isNothing(question.filter);
  const parts = asksNothing ? [] : storedParts(question, stretches, state, isRaw);
  return {
    parts,
    late: asksNothing ? null : batch && { runs, ...batch },
    status: finalityOf(ofRealtime.length === 0, runs),
    runs,
    batch,
    realtime: boundsOf(ofRealtime),
    sources: sourcesOf(parts),
  };
}

const isOfRun = (stretch: Stretch): stretch is RunStretch => stretch.run !== null;

function storedParts(question: Question, stretches: Stretch[], state: ServingState, isRaw: boolean): Part[] {
  const { registered, asOfMs } = question;
  const fast = registered && asOfMs === null ? filterRowParts(question, registered, stretches, state, isRaw) : null;
  return fast ?? (isRaw ? rawParts(stretches) : partsOf(question, stretches, state));
}

/**
 * Parts from the rows of a registered filter where they are complete, elsewhere by its conditions; null: no such rows.
 */
function filterRowParts(
  question: Question,
  rowsOf: FilterRevision,
  stretches: Stretch[],
  state: ServingState,
  isRaw: boolean,
): Part[] | null {
  const { whole, ends } = splitAtMinutes({ fromMs: question.fromMs, toMs: question.toMs });
  if (whole === null) return null;
  const inWhole = clipAll(stretches, whole);
  const [ofRuns, ofRealtime] = [inWhole.filter(isOfRun), inWhole.filter(({ run }) => run === null)];
  const runs = ofRuns.filter(({ run }) => hasFilterRows(run, rowsOf, state));
  const { before, withRows, after } = filterRowRange(whole, rowsOf, state);
  if (runs.length === 0 && withRows === null) return null;
  const otherRuns = ofRuns.filter((stretch) => !runs.includes(stretch));
  const others = [...before, ...after];
  const slow = isRaw
    ? rawParts([...otherRuns, ...others.flatMap((range) => clipAll(ofRealtime, range))])
    : [...runMinuteParts(otherRuns, state), ...others.flatMap((range) => minutesWithin(range, inWhole, state))];
  return [
    ...ends.flatMap((end) => rawParts(clipAll(stretches, end))),
    ...runIndexPart(state.event, runs, rowsOf),
    ...(withRows === null ? [] : minutesWithin(withRows, inWhole, state)).map((part) => {
      if (part.kind === 'realtime_index') return { ...part, rowsOf };
      // Days whose index was given up.
      return part.kind === 'realtime_minutes' && isRaw ? { kind: 'realtime_raw' as const, ranges: part.ranges } : part;
    }),
    ...slow,
  ];
}

const minutesWithin = (range: Range, stretches: Stretch[], state: ServingState): Part[] =>
  realtimeMinuteParts(range, clipAll(stretches, range), state);

function partsOf(question: Question, stretches: Stretch[], state: ServingState): Part[] {
  return question.asOfMs === null ? minuteParts(question, stretches, state) : pastParts(question, stretches, state);
}

/** A run's counts never change; which clicks of other days had arrived by then, only raw rows say. */
function pastParts(question: Question, stretches: Stretch[], state: ServingState): Part[] {
  const { whole, ends } = splitAtMinutes({ fromMs: question.fromMs, toMs: question.toMs });
  const ofRuns = stretches.filter(isOfRun);
  return [
    ...ends.flatMap((end) => rawParts(clipAll(ofRuns, end))),
    ...(whole ? runMinuteParts(clipAll(ofRuns, whole), state) : []),
    ...rawParts(stretches.filter(({ run }) => run === null)),
  ];
}

function rawParts(stretches: Stretch[]): Part[] {
  const ofRuns = stretches.filter(isOfRun);
  const bounds = boundsOf(ofRuns);
  const ranges = merge(stretches.filter(({ run }) => run === null));
  return [
    ...(bounds ? [{ kind: 'run_raw' as const, runs: ofRuns.map(({ run }) => run), ...bounds }] : []),
    ...(ranges.length > 0 ? [{ kind: 'realtime_raw' as const, ranges }] : []),
  ];
}

function minuteParts(question: Question, stretches: Stretch[], state: ServingState): Part[] {
  const { whole, ends } = splitAtMinutes({ fromMs: question.fromMs, toMs: question.toMs });
  // The ends may be years apart: a part for each, so that nothing between them is read.
  const parts = ends.flatMap((end) => rawParts(clipAll(stretches, end)));
  if (whole === null) return parts;
  const inWhole = clipAll(stretches, whole);
  parts.push(...runMinuteParts(inWhole.filter(isOfRun), state));
  parts.push(...realtimeMinuteParts(whole, inWhole, state));
  return parts;
}

const indexOf = (event: EventKind, { date, run }: PublishedRun): string => minutesIndex(event, date, runSource(run));

function runIndexPart(event: EventKind, stretches: RunStretch[], rowsOf: FilterRevision): Part[] {
  const bounds = boundsOf(stretches);
  const indexes = stretches.map(({ run }) => indexOf(event, run));
  return bounds ? [{ kind: 'run_index', indexes, rowsOf, ...bounds }] : [];
}

function runMinuteParts(stretches: RunStretch[], state: SearchState): Part[] {
  const isHeld = ({ run }: RunStretch): boolean => state.heldIndexes.has(indexOf(state.event, run));
  const held = stretches.filter(isHeld);
  const others = stretches.filter((stretch) => !isHeld(stretch));
  const otherBounds = boundsOf(others);
  return [
    ...runIndexParts(held, state),
    ...(otherBounds ? [{ kind: 'run_minutes' as const, runs: others.map(({ run }) => run), ...otherBounds }] : []),
  ];
}

/** Iterates over the days that the indexer knows, not over all days: the others had no clicks. */
function realtimeMinuteParts(whole: Range, stretches: Stretch[], state: ServingState): Part[] {
  const boundaryMs = state.boundaryMs ?? Number.NEGATIVE_INFINITY;
  const closed = clip(whole, { fromMs: whole.fromMs, toMs: boundaryMs });
  const open = clip(whole, { fromMs: boundaryMs, toMs: whole.toMs });
  const unseen = clip(closed, { fromMs: closed.fromMs, toMs: state.seenFromMs ?? Number.NEGATIVE_INFINITY });
  const isNoneClosed = isEmpty(closed);
  const [firstDay, lastDay] = isNoneClosed ? ['', ''] : [dayOf(closed.fromMs), dayOf(closed.toMs - 1)];
  const inClosed = (day: string) => !isNoneClosed && day >= firstDay && day <= lastDay && !state.published.has(day);
  const indexes = [...state.heldIndexes].filter((index) => {
    const parsed = parseMinutesIndex(index);
    return parsed?.source === 'rt' && inClosed(parsed.day) && isSeen(parsed.day, state);
  });
  const givenUp = [...state.givenUp].filter(inClosed).map(dayRange);
  const ofRealtime = stretches.filter(({ run }) => run === null);
  const ranges = merge([...clipAll(givenUp, closed), ...clipAll(ofRealtime, unseen), ...clipAll(ofRealtime, open)]);
  return [
    // The index may already have rows of open minutes, but not all of them: hence the range.
    ...(indexes.length > 0 ? [{ kind: 'realtime_index' as const, indexes: indexes.sort(), ...closed }] : []),
    ...(ranges.length > 0 ? [{ kind: 'realtime_minutes' as const, ranges }] : []),
  ];
}

/** Whether every real-time row of the day is in Elasticsearch, up to the boundary. */
export const isSeen = (day: string, { givenUp, seenFromMs }: Pick<SearchState, 'givenUp' | 'seenFromMs'>): boolean =>
  !givenUp.has(day) && (seenFromMs === null || dayRange(day).fromMs >= seenFromMs);

export function sourcesOf(parts: Part[]): AnswerSource[] {
  const sources = new Set(parts.map(({ kind }) => SOURCE_OF[kind]));
  return (['elasticsearch', 'clickhouse', 'hive'] as const).filter((source) => sources.has(source));
}

const SOURCE_OF: Record<Part['kind'], AnswerSource> = {
  run_hours: 'elasticsearch',
  run_index: 'elasticsearch',
  realtime_index: 'elasticsearch',
  run_minutes: 'clickhouse',
  realtime_minutes: 'clickhouse',
  run_raw: 'clickhouse',
  realtime_raw: 'clickhouse',
  run_archive: 'hive',
  run_hive_minutes: 'hive',
};
