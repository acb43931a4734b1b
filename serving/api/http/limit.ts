import type { Response } from 'express';
import { withTimeout } from '../../../infra/with_timeout.ts';
import { Problem } from '../contract/problem.ts';

/** More than any engine is given for one call: beyond it an answer is of no use to anybody. */
export const QUESTION_LIMIT_MS = 90_000;

/**
 * Has a question answered until its client goes away or its time is up: then `signal` ends whatever engines do for it.
 * Rejects with a Problem when the time is up.
 */
export async function withinLimit<T>(
  response: Pick<Response, 'once' | 'off'>,
  answer: (signal: AbortSignal) => Promise<T>,
  limitMs = QUESTION_LIMIT_MS,
): Promise<T> {
  const ending = new AbortController();
  const onClose = (): void => ending.abort(new Error('the client has gone away'));
  response.once('close', onClose);
  try {
    return await withTimeout(answer(ending.signal), limitMs, () => {
      const detail = `there was no answer within ${limitMs / 1_000} s: ask for less at a time, or again later`;
      const problem = new Problem(504, 'time-limit', 'The question took too long', detail);
      ending.abort(problem);
      throw problem;
    });
  } finally {
    response.off('close', onClose);
  }
}
