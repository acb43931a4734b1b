import type { Response } from 'express';
import { Problem } from '../contract/problem.ts';

/** Longer than the limit of any engine call: a later answer is of no use. */
export const QUESTION_LIMIT_MS = 90_000;

/**
 * Runs a question until its client goes away or the time limit: then `signal` cancels the work in the engines. Rejects
 * with a Problem at the time limit.
 */
export async function withinLimit<T>(
  response: Pick<Response, 'once' | 'off'>,
  answer: (signal: AbortSignal) => Promise<T>,
  limitMs = QUESTION_LIMIT_MS,
): Promise<T> {
  const ending = new AbortController();
  const onClose = (): void => ending.abort(new Error('the client has gone away'));
  response.once('close', onClose);
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const detail = `there was no answer within ${limitMs / 1_000} s: ask for less at a time, or again later`;
      const problem = new Problem(504, 'time-limit', 'The question took too long', detail);
      reject(problem);
      ending.abort(problem);
    }, limitMs);
  });
  try {
    return await Promise.race([answer(ending.signal), timeUp]);
  } finally {
    clearTimeout(timer);
    response.off('close', onClose);
  }
}
