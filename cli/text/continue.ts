import type { RenamePlan } from '../../realtime/rename/rename.ts';

export function continueText({ name, next, low, high, counted, from }: RenamePlan, isDryRun: boolean): string {
  const kafka = low === high ? 'Kafka has no message of it' : `Kafka has messages ${low} to ${high - 1}`;
  const lost = counted > from ? `; of those counted, ${counted - from} are no longer in Kafka, and stay counted` : '';
  const goes = isDryRun ? 'would go' : 'goes';
  return (
    `${name}: messages below ${counted} were counted; ${kafka}${lost}\n` +
    `from message ${from} on it ${goes} on as ${next}${isDryRun ? '' : ': sink and archive take that up within a minute'}\n`
  );
}
