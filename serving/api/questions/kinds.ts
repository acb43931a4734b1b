import { EVENT_KINDS, type EventKind, PLURAL } from '../../../domain/event_kinds.ts';
import { type Finality, type Receipt, worstOf } from '../../../domain/receipt.ts';
import { iso } from '../../../domain/time.ts';
import type { Range } from '../../planner/ranges.ts';
import type { QuestionContext } from './context.ts';
import { notRunReceipt } from './receipt.ts';

/** What to answer a question about each kind of event with; absent: the kind is not run. */
export type KindContexts = ReadonlyMap<EventKind, QuestionContext>;

/** The receipt of a kind that is not run. */
export function neverRunReceipt(event: EventKind, { fromMs, toMs }: Range): Receipt {
  const means = `${PLURAL[event]} are not run (EVENT_KINDS)`;
  return {
    ...notRunReceipt({ watermarkMs: null, boundaryMs: null }),
    warnings: [{ warning: 'not_run', means, from: iso(fromMs), to: iso(toMs) }],
  };
}

/**
 * What receipts say together: the worst finality, and the least boundary. Beyond it kinds are counted up to different
 * moments, so that a rate of the last minutes says little. Null: the boundary of a kind is not known.
 */
export function together(receipts: Receipt[]): { status: Finality; complete_to: string | null } {
  const boundaries = receipts.filter(isRun).map(({ boundary }) => boundary);
  const known = boundaries.filter((boundary) => boundary !== null).sort();
  return {
    status: worstOf(receipts.map(({ status }) => status)),
    complete_to: known.length < boundaries.length ? null : (known[0] ?? null),
  };
}

/** A kind that is not run has no boundary to wait for. */
const isRun = ({ status, watermark, boundary }: Receipt): boolean =>
  status !== 'not_run' || watermark !== null || boundary !== null;

/** In the order of the kinds. */
export const ofEachKind = async <T>(answer: (event: EventKind) => Promise<T>): Promise<[T, T, T]> =>
  (await Promise.all(EVENT_KINDS.map(answer))) as [T, T, T];
