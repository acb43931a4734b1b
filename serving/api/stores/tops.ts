import { topsIndex } from '../../../domain/names.ts';
import { parsed } from '../../../domain/parse.ts';
import { type Top, topId } from '../../../domain/tops.ts';
import { documentName, unless } from '../../documents/state.ts';
import { topAdsDoc } from '../../documents/tops.ts';
import type { Question, ServingState } from '../../planner/question.ts';
import { type Clock, isCurrentTop, isOfRealtime, type TopsState, topWindow } from '../../planner/tops.ts';
import { engineCall, type Stores, stateOptions } from './engines.ts';

/**
 * The valid top list of the question's window, if real time answers for it; null if there is none. The state must have
 * been read before: in the other order, a list retracted in between would be taken as still valid.
 */
export async function readTop(
  { elasticsearch, stateIndex }: Stores,
  question: Question,
  state: ServingState & { tops: TopsState | null },
  clock: Clock,
  signal: AbortSignal,
): Promise<Top | null> {
  const window = topWindow(question);
  if (window === null || state.tops === null || !isCurrentTop(question, state.tops, clock)) return null;
  if (!isOfRealtime(question, state)) return null;
  const asked = { index: topsIndex(stateIndex), id: topId(question.toMs, window) };
  const read = elasticsearch.get(asked, stateOptions(signal));
  const found = (await engineCall('elasticsearch', unless(404, read)))?._source;
  if (!found) return null;
  const { end_ms, ads } = parsed(topAdsDoc, found, documentName(asked.index, asked.id));
  return end_ms === question.toMs ? ads : null;
}
