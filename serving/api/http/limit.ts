import { setMaxListeners } from 'node:events';
import type { Response } from 'express';
import { withTimeout } from '../../../infra/with_timeout.ts';
import { ClientGone, Problem } from '../contract/problem.ts';

/** Longer than the limit of any engine call: a later answer is of no use. */
export const QUESTION_LIMIT_MS = 90_000;

/**
 * Runs a question until its client goes away or the time limit: then `signal` cancels the work in the engines. Rejects
 * with a Problem at the time limit.
 */
export async function withinLimit<T>(
  response: Pick<Response, 'once' | 'off' | 'closed'>,
  answer: (signal: AbortSignal) => Promise<T>,
  limitMs = QUESTION_LIMIT_MS,
): Promise<T> {
  if (response.closed) throw new ClientGone();
  const ending = new AbortController();
  // A question asks engines for many things at once, and each of them listens.
  setMaxListeners(0, ending.signal);
  const onClose = (): void => ending.abort(new ClientGone());
  response.once('close', onClose);
  try {
    return await withTimeout(answer(ending.signal), limitMs, () => {
      const detail = `there was no answer within ${limitMs / 1_000} s: ask for less at a time, or again later`;
      const problem = new Problem(504, 'time-limit', 'The question took too long', detail);
      ending.abort(problem);
      throw problem;
    });
  } catch (error) {
    const { reason } = ending.signal;
    // What an engine says of a question that was cancelled is a consequence; a refusal is not.
    throw reason instanceof ClientGone && !(error instanceof Problem) ? reason : error;
  } finally {
    response.off('close', onClose);
  }
}
