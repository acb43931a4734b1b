import { DAY_MS } from '../../domain/time.ts';
import type { Question } from './question.ts';

/**
 * Limit for a scan of raw clicks: days times the number of values each click is compared with. Stored minutes cost next
 * to nothing in comparison, and are not limited.
 */
const LIMIT_OF_ONE_AD = 4_000;
/** For one ad an index finds the clicks; for all ads every click is read. */
const LIMIT_OF_ALL_ADS = 400;

interface CostExceeded {
  days: number;
  values: number;
  /** The limits, given the other value; 0: nothing is allowed. */
  allowedDays: number;
  allowedValues: number;
}

/** Null if the raw clicks that a question needs may be read. */
export function excessCost(question: Question): CostExceeded | null {
  const isOfOneAd = question.adId !== null || question.adIds?.length === 1;
  const limit = isOfOneAd ? LIMIT_OF_ONE_AD : LIMIT_OF_ALL_ADS;
  const [days, values] = [Math.ceil((question.toMs - question.fromMs) / DAY_MS), valuesOf(question)];
  if (days * (1 + values) <= limit) return null;
  const allowedValues = Math.max(0, Math.floor(limit / days) - 1);
  return { days, values, allowedDays: Math.floor(limit / (1 + values)), allowedValues };
}

const valuesOf = ({ filter: { country, ip, user_id } }: Question): number =>
  [country, ip, user_id].reduce((sum, { in: values, not }) => sum + (values?.length ?? 0) + not.length, 0);
