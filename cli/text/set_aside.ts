import type { SetAsideDoc } from '../../serving/documents/set_aside.ts';

/** @param left how many are not settled now */
export function setAsideText({ total, messages }: SetAsideDoc, left: number): string {
  if (total === 0) return 'no message was set aside\n';
  const lines = messages.map(({ topic, partition, offset, reason, set_aside_at, size }) => {
    return `${topic}, partition ${partition}, offset ${offset} (${size} bytes, ${set_aside_at}): ${reason}\n`;
  });
  const more = total > messages.length ? `and ${total - messages.length} more\n` : '';
  const state = left === 0 ? 'settled\n' : `${left} not settled: answers come from ClickHouse\n`;
  return `${lines.join('')}${more}${state}`;
}
