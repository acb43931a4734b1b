import { parseMinutesIndex } from '../../../domain/names.ts';
import { iso } from '../../../domain/time.ts';
import type { Plan } from '../../planner/parts.ts';
import { plan } from '../../planner/plan.ts';
import type { AdQuestion } from '../../planner/question.ts';
import type { Range } from '../../planner/ranges.ts';
import { EngineFailure } from '../contract/engine_failure.ts';
import { unavailable } from '../contract/problem.ts';
import { countIndexParts, type IndexPart, isIndexPart } from '../stores/search.ts';
import { type IndexerState, readCurrentRuns } from '../stores/search_state.ts';
import type { QuestionContext } from './context.ts';

/** What to report beside the counts of the parts; `unknown` are the ranges that they do not cover. */
type More = (parts: IndexPart[], unknown: Range[]) => Promise<Record<string, unknown>>;
const NOTHING_MORE: More = async () => ({});

export const isFailureOf = (error: unknown, engine: string): error is EngineFailure =>
  error instanceof EngineFailure && error.engine === engine;

/**
 * What Elasticsearch knows about a question while ClickHouse is down, as a Problem. Which days are published is then
 * known from the indexer only, possibly some seconds old.
 */
export async function partialAnswerWithoutLedger(
  context: QuestionContext,
  question: AdQuestion,
  { state, isRaw }: { state: IndexerState; isRaw?: boolean },
  failure: EngineFailure,
  more = NOTHING_MORE,
): Promise<Error> {
  const days = new Set([...state.heldIndexes].flatMap((index) => parseMinutesIndex(index)?.day ?? []));
  const published = await readCurrentRuns(context.stores, [...days], context.signal).catch(() => new Map());
  // Windows of minutes cannot be computed from hours.
  const heldIndexes = new Set([...state.heldIndexes].filter((index) => parseMinutesIndex(index) !== null));
  const planned = plan(question, { ...state, heldIndexes, published }, isRaw);
  return partialAnswer(context, question, planned, failure, more);
}

export async function partialAnswer(
  { stores, signal }: QuestionContext,
  question: AdQuestion,
  { parts }: Plan,
  failure: EngineFailure,
  more = NOTHING_MORE,
): Promise<Error> {
  const inIndexes = parts.filter(isIndexPart);
  const others = parts.filter((part) => !isIndexPart(part));
  const unknown = others.flatMap((part): Range[] => ('ranges' in part ? part.ranges : [part]));
  const count = countIndexParts(stores, question, inIndexes, signal);
  const counted = await Promise.all([count, more(inIndexes, unknown)]).catch(() => null);
  const known = counted && {
    count: counted[0].reduce((total, count) => total + count, 0),
    parts: inIndexes.map((part, i) => ({ ...times(part), count: counted[0][i], source: 'elasticsearch' })),
    ...counted[1],
    not_counted: unknown.map(times),
  };
  const detail = `${failure.message}: "known" is only what Elasticsearch holds, and is not the count`;
  return unavailable(['clickhouse'], detail, known, failure);
}

const times = ({ fromMs, toMs }: Range) => ({ from: iso(fromMs), to: iso(toMs) });
