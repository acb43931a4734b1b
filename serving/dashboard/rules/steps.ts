/** Steps of a run, in their order. */
const STEPS = ['begun', 'arrived', 'counted', 'loaded', 'reconciled', 'sent', 'indexed', 'published', 'followed'];
/** A preview is compared with the answer of now, and ends there. */
const STEPS_OF_PREVIEW = STEPS.slice(0, STEPS.indexOf('reconciled') + 1);

const WORDS: Record<string, string> = {
  begun: 'its cut is taken',
  arrived: 'everything before its cut is there',
  counted: 'counted',
  loaded: 'loaded',
  reconciled: 'reconciled with real time',
  sent: 'sent to the index',
  indexed: 'in the index',
  published: 'published',
  followed: 'answered everywhere',
  over: 'over',
};

export const stepInWords = (step: string): string => WORDS[step] ?? step;

/** The part of its days that a request has done, from 0 to 1. */
export function partDone(action: string, days: number, daysOver: number, step: string | null): number {
  const steps = action === 'preview' ? STEPS_OF_PREVIEW : STEPS;
  const ofDay = step === null ? 0 : (steps.indexOf(step) + 1) / (steps.length + 1);
  return days === 0 ? 0 : Math.min(1, (daysOver + Math.max(0, ofDay)) / days);
}
