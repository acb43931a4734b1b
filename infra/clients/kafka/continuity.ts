import { isSameMessage, type MessageFingerprint } from '../../../domain/message_fingerprint.ts';
import { iso } from '../../../domain/time.ts';
import type { Arrived } from './codec/lazy_message.ts';
import { fingerprintOfArrived } from './fingerprint.ts';

type Placed = Arrived & { leaderEpoch: number };

/** What to do with a batch of a partition. */
type Verdict =
  /** It goes on where the last one ended. */
  | { do: 'take' }
  /** Read again from this offset, to see the message before ours. */
  | { do: 'seek'; offset: number }
  /** Messages between the expected one and the first of the batch are not there. */
  | { do: 'gap'; found: number }
  /** The log is not the one that was read so far; `why` begins with its name. */
  | { do: 'stop'; why: string };

const TAKE: Verdict = { do: 'take' };

/**
 * Whether the batches of a partition continue the log that was read before, also by another process, up to an offset.
 * The message before it is read once more and compared: at the first batch, and whenever a batch comes from another
 * leader epoch than the one before, since a new leader may lack what the old one had acknowledged. If that message has
 * left the topic, there is nothing to compare, and the first one there must be the expected one.
 */
export class Continuity {
  readonly #name: string;
  #expected: number;
  /** The message before the expected one; null: not on record, or there is none. */
  #before: MessageFingerprint | null;
  #epoch: number | null = null;
  #isSure = false;
  /** The epoch of the batch for which the message before ours was last read again. */
  #soughtFor: number | null = null;

  /** @param name of the partition, for messages */
  constructor(name: string, expected: number, before: MessageFingerprint | null) {
    this.#name = name;
    this.#expected = expected;
    this.#before = before;
  }

  /** The offset of the message that must come next. */
  get expected(): number {
    return this.#expected;
  }

  /** The log must reach up to where it was read. */
  judgeEnd(end: number): Verdict {
    if (end >= this.#expected) return TAKE;
    const gone = `messages ${end} to ${this.#expected - 1} of ${this.#name} were read, and are no longer in Kafka`;
    return { do: 'stop', why: `${this.#name}: its log ends at offset ${end}; ${gone}` };
  }

  /** @param messages in the order of their offsets, at least one */
  judge(messages: readonly Placed[], end: number): Verdict {
    const ends = this.judgeEnd(end);
    if (ends.do === 'stop') return ends;
    const [first] = messages;
    if (first === undefined) return TAKE;
    const expected = this.#expected;
    if (first.offsetNumber < expected) return this.#judgeBefore(messages);
    if (this.#before === null) return first.offsetNumber === expected ? TAKE : { do: 'gap', found: first.offsetNumber };
    const epoch = first.leaderEpoch;
    if (epoch !== this.#epoch) this.#isSure = false;
    // Once for each epoch: it may be gone, or so large that it comes alone.
    if (!this.#isSure && epoch !== this.#soughtFor) {
      this.#soughtFor = epoch;
      return { do: 'seek', offset: expected - 1 };
    }
    return first.offsetNumber === expected ? TAKE : { do: 'gap', found: first.offsetNumber };
  }

  /** The batch was taken up to and with this message. */
  taken(last: Placed): void {
    this.#expected = last.offsetNumber + 1;
    this.#before = fingerprintOfArrived(last);
    this.#epoch = last.leaderEpoch;
    this.#isSure = true;
    this.#soughtFor = null;
  }

  /** Messages before it have left the topic unread. */
  skipTo(offset: number): void {
    this.#expected = offset;
    this.#before = null;
  }

  #judgeBefore(messages: readonly Placed[]): Verdict {
    const before = messages.find(({ offsetNumber }) => offsetNumber === this.#expected - 1);
    // Read again from the beginning, as after a request for an offset that was out of range.
    if (before === undefined || this.#before === null) return TAKE;
    if (!isSameMessage(this.#before, fingerprintOfArrived(before))) {
      const other = `the message at offset ${before.offsetNumber} arrived at ${iso(before.arrivedMs)}`;
      const read = `one that arrived at ${iso(this.#before.time_ms)} was read there`;
      return { do: 'stop', why: `${this.#name}: ${other}, and ${read}: the log was cut or made anew` };
    }
    this.#isSure = true;
    this.#epoch = before.leaderEpoch;
    return TAKE;
  }
}
