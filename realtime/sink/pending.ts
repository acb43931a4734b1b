import { type PartitionProblem, toContinue } from '../../infra/register/partition_findings.ts';

/** Rows of a range of messages, as stored or as the messages give them. */
export interface RangeRows {
  clicks: number;
  copies: number;
}

interface Circumstances {
  /** Whether no table can have forgotten the block's token since the insert was begun. */
  isTokenKnown: boolean;
  /** Whether raw rows of this age are all kept. */
  isRawKept: boolean;
}

/**
 * Whether a range may be written whose insert was begun before and may or may not have happened. The raw rows decide;
 * the token only keeps a repeated insert from adding anything where they are all there. null: it may be written.
 */
export function judgePending(
  name: string,
  { from, to }: { from: number; to: number },
  stored: RangeRows,
  expected: RangeRows,
  { isTokenKnown, isRawKept }: Circumstances,
): PartitionProblem | null {
  const tables = [
    { name: 'clicks', has: stored.clicks, of: expected.clicks },
    { name: 'copies', has: stored.copies, of: expected.copies },
  ];
  const problem = (found: string): PartitionProblem => ({
    code: 'pending_in_doubt',
    what: `messages ${from} to ${to - 1} of ${name} may or may not have been counted: their insert was begun and not confirmed, and ${found}`,
    mend: mend(name),
  });
  const partly = tables.find(({ has, of }) => has !== 0 && has !== of);
  if (partly) return problem(`ClickHouse has ${partly.has} ${partly.name} of them, not ${partly.of}`);
  // Copies are written before clicks.
  if (stored.clicks > 0 && stored.copies < expected.copies) {
    return problem(`ClickHouse has ${stored.clicks} clicks of them, and none of ${expected.copies} copies`);
  }
  if (!isTokenKnown && tables.some(({ has }) => has > 0)) {
    return problem('ClickHouse has their rows, and has forgotten whether it also counted them');
  }
  if (!isRawKept && tables.some(({ has, of }) => has < of)) {
    return problem('ClickHouse has none of their rows, and rows of that age may have been dropped');
  }
  return null;
}

const mend = (name: string): string => `${toContinue(name)}, then count their days anew ("./clickledger replay")`;

/** Tokens that each table keeps (sql/clickhouse/migrations). */
const TOKENS_KEPT = 100_000;
/** Parts that are dropped, with the highest number among them, hide how far a table was written: hence the half. */
const SURELY_KEPT = TOKENS_KEPT / 2;

/**
 * Whether every table still knows a token that it was given after `begun`.
 * @param begun null: not on record; then the insert is taken for a recent one, as it always was
 */
export function isTokenKnown(begun: readonly number[] | null, now: readonly number[]): boolean {
  if (begun === null) return true;
  return begun.length === now.length && begun.every((then, i) => (now[i] ?? 0) - then < SURELY_KEPT);
}
