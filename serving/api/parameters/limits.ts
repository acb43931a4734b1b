import { DAY_MS, iso, SECOND_MS } from '../../../domain/time.ts';
import { excessCost } from '../../planner/cost.ts';
import { isRawQuestion } from '../../planner/plan.ts';
import type { Question } from '../../planner/question.ts';
import { badParameters } from '../contract/problem.ts';

/** Throws a Problem with the allowed limits if a question would read too many raw clicks. */
export function checkCost(question: Question, isRaw = isRawQuestion(question)): void {
  const refused = isRaw ? excessCost(question) : null;
  if (refused === null) return;
  const { days, values, allowedDays, allowedValues } = refused;
  const byRange =
    question.adId === null
      ? `a window of at most ${(allowedDays * DAY_MS) / SECOND_MS / 60} minutes`
      : `a time not before ${iso(question.toMs - allowedDays * DAY_MS)} (${allowedDays} days before "to")`;
  const byValues = allowedValues > 0 && values > 0 ? `, or at most ${allowedValues} values in all filters` : '';
  const why = `: ${values} values over ${days} days take too many raw clicks`;
  const parameter = question.adId === null ? 'window' : 'from';
  throw badParameters([{ parameter, expected: `${byRange}${byValues}${why}` }]);
}
