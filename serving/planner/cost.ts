import { DAY_MS } from '../../domain/time.ts';
import type { Question } from './question.ts';

/**
 * What a scan of raw clicks may cost: days times what each click in them is compared with. Stored minutes cost next to
 * nothing beside that, and are not limited.
 */
const LIMIT_OF_ONE_AD = 4_000;
/** Clicks of one ad are found by an index; for all ads every click is read. */
const LIMIT_OF_ALL_ADS = 400;

interface CostExceeded {
  days: number;
  values: number;
  /** What would be allowed, the other one being as it is; 0: nothing. */
  allowedDays: number;
  allowedValues: number;
}

/** Null if the raw clicks that a question takes may be read. */
export function excessCost(question: Question): CostExceeded | null {
  const limit = question.adId === null ? LIMIT_OF_ALL_ADS : LIMIT_OF_ONE_AD;
  const [days, values] = [Math.ceil((question.toMs - question.fromMs) / DAY_MS), valuesOf(question)];
  if (days * (1 + values) <= limit) return null;
  const allowedValues = Math.max(0, Math.floor(limit / days) - 1);
  return { days, values, allowedDays: Math.floor(limit / (1 + values)), allowedValues };
}

const valuesOf = ({ filter: { country, ip, user_id } }: Question): number =>
  [country, ip, user_id].reduce((sum, { in: values, not }) => sum + (values?.length ?? 0) + not.length, 0);
