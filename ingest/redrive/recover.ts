import type { EventKind } from '../../domain/event_kinds.ts';
import type { Redriven, RedriveRecord, Sent } from './record.ts';
import { judge } from './rejection.ts';
import { type RejectedSource, readRejections } from './topic.ts';

/** Events looked for at a time. */
const CHUNK = 2_000;

interface Recovered {
  event: EventKind;
  rejectedTopic: string;
  record: RedriveRecord;
  nowMs: number;
}

/**
 * Puts on record again which rejections were sent again: those that are valid events by the rules of today, and stored in
 * every field. (Without an id of its own an event has its line's place for one, so nothing else can be it; with one, what
 * is stored is a copy of it, which is not sent either.) All raw rows must be there. Idempotent. Returns how many.
 */
export async function recoverRedriven(
  source: RejectedSource,
  { event, rejectedTopic, record, nowMs }: Recovered,
): Promise<number> {
  const settled = await record.settled();
  let chunk: Redriven[] = [];
  let found = 0;
  async function flush(): Promise<void> {
    const sent: Sent[] = await record.stored(chunk);
    await record.add('sent', sent);
    found += sent.length;
    chunk = [];
  }
  await readRejections(source, rejectedTopic, async (rejections) => {
    for (const rejection of rejections) {
      if (settled.has(rejection)) continue;
      const judged = judge(rejection, nowMs);
      if (!judged.ok || judged.event !== event) continue;
      const { click, annotations } = judged;
      chunk.push({ rejection: rejection.key, reason: rejection.reason, click, annotations });
      if (chunk.length >= CHUNK) await flush();
    }
  });
  await flush();
  return found;
}
