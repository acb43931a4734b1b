import { topicPartition } from '../../domain/names.ts';
import { dayOf, dayStartMs, iso } from '../../domain/time.ts';
import { UNSEEN_CODE, unseenFinding } from '../../domain/unseen.ts';
import { openFindings, settleFinding } from '../../infra/register/findings.ts';
import type { Register } from '../../infra/register/register.ts';

/**
 * After a night that left no day without its run: the days that Elasticsearch never saw all messages of are answered
 * from their runs. Those of a day that has not ended wait for the next night.
 */
export async function settleUnseen(
  register: Register,
  { topic, partitions }: { topic: string; partitions: number },
  nightMs: number,
): Promise<void> {
  const open = (await openFindings(register)).filter(({ code }) => code === UNSEEN_CODE);
  const ended = iso(dayStartMs(dayOf(nightMs)));
  if (open.length === 0 || open.some(({ range }) => range === null || range.to > ended)) return;
  for (let partition = 0; partition < partitions; partition++) {
    const name = unseenFinding(topicPartition(topic, partition));
    await settleFinding(register, name, 'every ended day has its run');
  }
}
