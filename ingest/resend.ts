import { decodeEvent } from '../domain/click/message.ts';
import { identityOf } from '../domain/click/wire.ts';
import { type EventKind, eventOfTopic } from '../domain/event_kinds.ts';
import { Records } from '../infra/clients/kafka.ts';
import { Batch, type Topics } from './batch.ts';
import { type Checkpoint, readCheckpoints } from './checkpoint.ts';
import { EMPTY_FINGERPRINT, matches } from './fingerprint.ts';
import { takeLines } from './lines.ts';
import type { Outgoing } from './produce.ts';
import { newScratch, Tail } from './tail.ts';
import { filesNow } from './unread.ts';

/** Bytes of a log that cannot be read again. */
interface Unreadable {
  path: string;
  from: number;
  to: number;
}

export interface Resent {
  /** Events sent again. */
  sent: Record<EventKind, number>;
  unreadable: Unreadable[];
  /** How far logs had been read before is not known, epoch ms; null: as far back as is needed it is. */
  unknownBeforeMs: number | null;
}

export const nothingSent = (): Resent['sent'] => ({ click: 0, impression: 0, conversion: 0 });

interface Resending {
  dataDir: string;
  logGlob: string;
  /** How far each generation had been read when everything sent until then was certainly stored. */
  since: ReadonlyMap<string, number>;
  kinds: ReadonlySet<EventKind>;
  /** Whether lines that are no events of any kind are sent too. */
  withRejected: boolean;
  topics: Topics;
  nowMs: number;
  /** Whether one more event with this identity is stored: of two equal lines one may be, and the other not. */
  takeStored(kind: EventKind, identity: Buffer): boolean;
  /** Resolves when the broker has acknowledged everything. */
  send(messages: Outgoing): Promise<void>;
}

/**
 * Reads again what the log monitor had read since then, and sends those events that are not stored: they were only in a
 * Kafka that is lost. Lines that were rejected are all sent again, under the same keys. Checkpoints stay as they are. No
 * log monitor may work on the folder meanwhile: files that were rotated since are looked for as one would that starts now.
 * Repeated, it sends the same events again, which are copies then.
 */
export async function resendLost({
  dataDir,
  logGlob,
  since,
  ...sending
}: Resending): Promise<Pick<Resent, 'sent' | 'unreadable'>> {
  const resent: Pick<Resent, 'sent' | 'unreadable'> = { sent: nothingSent(), unreadable: [] };
  const files = await filesNow({ dataDir, logGlob }, sending.nowMs);
  for (const checkpoint of readCheckpoints(dataDir).records.values()) {
    const from = since.get(checkpoint.id) ?? 0;
    const { path, tail } = checkpoint;
    if (from >= tail.to) continue;
    const fileNow = files.get(checkpoint.id);
    const read = fileNow === undefined ? null : openAt({ ...checkpoint, ...fileNow }, from);
    if (read === null) resent.unreadable.push({ path, from, to: tail.to });
    else await resendFile(read, sending, resent.sent).finally(() => read.close());
  }
  return resent;
}

/** Ends where the log monitor had come: what is behind, it reads itself. */
class ReadAgain extends Tail {
  readonly #limit: number;

  constructor(checkpoint: Checkpoint) {
    super({ ...checkpoint, head: EMPTY_FINGERPRINT, tail: EMPTY_FINGERPRINT });
    this.#limit = checkpoint.tail.to;
  }

  override read(scratch: Buffer) {
    const left = this.#limit - this.offset;
    if (left <= 0) return { kind: 'idle' as const };
    const found = super.read(scratch);
    return found.kind === 'bytes' ? { ...found, bytes: found.bytes.subarray(0, left) } : found;
  }
}

/** Null: the file has other bytes now. */
function openAt(checkpoint: Checkpoint, from: number): ReadAgain | null {
  const tail = new ReadAgain(checkpoint);
  const isSame = [checkpoint.head, checkpoint.tail].every((print) => matches((a, b) => tail.readSha(a, b), print));
  const none = { lines: 0, clicks: 0, impressions: 0, conversions: 0, rejected: 0, skipped: 0 };
  if (isSame && tail.skipTo(from, none)) return tail;
  tail.close();
  return null;
}

async function resendFile(
  tail: ReadAgain,
  { kinds, withRejected, topics, nowMs, takeStored, send }: Omit<Resending, 'dataDir' | 'logGlob' | 'since'>,
  sent: Resent['sent'],
): Promise<void> {
  const scratch = newScratch();
  const isLeftOut = (topic: string, value: Buffer): boolean => {
    const kind = eventOfTopic(topic) ?? 'click';
    const decoded = decodeEvent(value, kind, nowMs);
    if (decoded.ok && takeStored(kind, identityOf(value, 0, decoded.identityEnd))) return true;
    sent[kind] += 1;
    return false;
  };
  for (let taken: string = 'more'; taken === 'more'; ) {
    const batch = new Batch(topics, isLeftOut);
    do taken = takeLines(tail, scratch, { batch, kinds, nowMs, isFinished: true });
    while (taken === 'more' && !batch.isFull);
    await send({ events: batch.events, rejected: withRejected ? batch.rejected : new Records(0) });
  }
}
