import { DAY_MS, dayOf, iso } from '../../domain/time.ts';
import { type Admin, fingerprintOf, type Kafka } from '../../infra/clients/kafka.ts';
import type { Log } from '../../infra/log.ts';
import { reportFinding } from '../../infra/register/findings.ts';
import type { Register } from '../../infra/register/register.ts';
import { dropRejected, type RejectedMessage, writeRejected } from '../../infra/rejected/files.ts';
import { readOffsets, unfiledOf } from '../../infra/rejected/topic.ts';

/** A file has at most about so many bytes before they are compressed: the API parses one at a time, between answers. */
const FILE_BYTES = 4 * 1024 * 1024;

interface Engines {
  kafka: Kafka;
  admin: Admin;
  archiveDir: string;
  register: Register;
  log: Log;
}

/** Puts all that has been rejected up to now, and is in no file yet, into files of the archive. Returns how many. */
export async function fileRejected(
  { kafka, admin, archiveDir, register, log }: Engines,
  topic: string,
  nowMs: number,
  fileBytes = FILE_BYTES,
): Promise<number> {
  const unfiled = await unfiledOf({ kafka, admin }, topic, archiveDir);
  let filed = 0;
  const taken = new Map<number, number>();
  const pending = new Map<number, { from: number; bytes: number; messages: RejectedMessage[] }>();
  function write(partition: number, to: number): void {
    const { from, messages } = pending.get(partition) ?? { from: to, messages: [] };
    if (to === from) return;
    const message = messages.at(-1);
    const last = message ? { offset: message.offset, ...fingerprintOf(message.value, message.timeMs) } : null;
    const generation = unfiled.get(partition)?.generation ?? 0;
    writeRejected(archiveDir, { topic, partition, generation, from, to, last }, messages);
    filed += messages.length;
    pending.set(partition, { from: to, bytes: 0, messages: [] });
  }
  const reportLost = (partition: number, before: number, lost: number): Promise<unknown> =>
    reportFinding(register, `rejected-lost-${topic}-${partition}-${before}`, lostFinding(topic, before, lost, nowMs));
  for (const [partition, { from, lost }] of unfiled) {
    pending.set(partition, { from, bytes: 0, messages: [] });
    if (lost > 0) await reportLost(partition, from, lost);
  }
  await readOffsets({ kafka, admin }, topic, unfiled, async (partition, messages) => {
    taken.set(partition, (taken.get(partition) ?? 0) + messages.length);
    for (const message of messages) {
      const of = pending.get(partition);
      if (of === undefined) return;
      of.messages.push(message);
      of.bytes += message.value?.length ?? 0;
      if (of.bytes >= fileBytes) write(partition, message.offset + 1);
    }
  });
  for (const [partition, { from, to }] of unfiled) {
    write(partition, to);
    // Kafka removed them while they were read.
    const lost = to - from - (taken.get(partition) ?? 0);
    if (lost > 0) await reportLost(partition, to, lost);
  }
  if (filed > 0) log.info({ topic, rejected: filed }, 'rejected lines put into files of the archive');
  return filed;
}

/** Removes files of days that are more than `rejectedDays` old. */
export function dropOldRejected(
  { archiveDir, log }: Pick<Engines, 'archiveDir' | 'log'>,
  rejectedDays: number,
  nowMs: number,
): void {
  const days = dropRejected(archiveDir, dayOf(nowMs - rejectedDays * DAY_MS));
  if (days.length > 0) log.info({ days }, 'rejected lines of old days removed');
}

const lostFinding = (topic: string, from: number, lost: number, nowMs: number) => ({
  code: 'rejected_lost',
  what: `${lost} rejected lines of ${topic} before offset ${from} were removed by Kafka before the nightly role had put them into files`,
  mend: 'nothing brings them back, the log files may still have them: let a nightly run end at least once a week',
  range: null,
  is_operational: true,
  found_at: iso(nowMs),
});
