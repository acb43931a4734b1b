import { TOPS_ID, topsIndex } from '../../../domain/names.ts';
import { type Top, topId } from '../../../domain/tops.ts';
import { type BoundaryDoc, unless } from '../../indexer/state.ts';
import type { TopDoc } from '../../indexer/tops.ts';
import type { Question } from '../../planner/question.ts';
import { type Clock, isStated, topWindow } from '../../planner/tops.ts';
import { of, type Stores, stateOptions } from './engines.ts';

/** What was stated of the question's window and holds, if real time answers for it; null if nothing was. */
export async function readTop(
  stores: Stores,
  question: Question,
  clock: Clock,
  signal: AbortSignal,
): Promise<Top | null> {
  const window = topWindow(question);
  if (window === null) return null;
  // The other way round, a top that was taken back in between would be taken for one as of the step after.
  const step = await readDoc<BoundaryDoc>(stores, stores.stateIndex, TOPS_ID, signal);
  const state = step && { boundaryMs: step.boundary_ms, watermarkMs: step.watermark_ms };
  if (state === null || !isStated(question, state, clock)) return null;
  const top = await readDoc<TopDoc>(stores, topsIndex(stores.stateIndex), topId(question.toMs, window), signal);
  return top?.end_ms === question.toMs ? top.ads : null;
}

async function readDoc<Doc>(
  { elasticsearch }: Pick<Stores, 'elasticsearch'>,
  index: string,
  id: string,
  signal: AbortSignal,
): Promise<Doc | null> {
  const read = elasticsearch.get<Doc>({ index, id }, stateOptions(signal));
  return (await of('elasticsearch', unless(404, read)))?._source ?? null;
}
