/** Wrong numbers must have been said to be wrong by then. */
export const NOTICE_SECONDS = 60;

interface Outcome {
  /** How long after the disaster, and from when on it answers again, the platform said so; null: it did not. */
  noticedSeconds: number | null;
  /** Whether a command was run. */
  isMended: boolean;
  /** Whether the numbers are right at the end. */
  exact: boolean;
}

export const VERDICTS = {
  exact: 'exact',
  mended: 'exact by the command that was named',
  late: `FAILED: wrong, and said so only after ${NOTICE_SECONDS} s`,
  silent: 'FAILED: wrong, and nothing was said',
  unmended: 'FAILED: said so, and no command that was named made it exact',
} as const;
export type Verdict = keyof typeof VERDICTS;

/** Numbers that became right by themselves need no word. */
export function verdictOf({ noticedSeconds, isMended, exact }: Outcome): Verdict {
  if (exact && !isMended) return 'exact';
  if (noticedSeconds === null) return 'silent';
  if (noticedSeconds > NOTICE_SECONDS) return 'late';
  return exact ? 'mended' : 'unmended';
}

export const isPassed = (verdict: Verdict): boolean => verdict === 'exact' || verdict === 'mended';
