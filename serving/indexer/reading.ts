import { isSameMessage, type MessageFingerprint } from '../../domain/message_fingerprint.ts';
import { fingerprintOf } from '../../infra/clients/kafka.ts';

/** How far a partition of the second queue was applied, as the state in Elasticsearch has it. */
export interface Position {
  /** The offset behind the last message that was applied. */
  next: number;
  /** The message before it; null: not known. */
  before: MessageFingerprint | null;
}

/** Where the reading of a partition stands. */
export interface Reading extends Position {
  /** The message before `next` was found to be ours: not yet so after an assignment. */
  isCompared: boolean;
  /** The leader epoch of the message before `next`, once that is known. */
  leaderEpoch: number | null;
  /** The reader was told to begin with the message before `next`: what comes first is the first there is. */
  hasLookedBack: boolean;
  /** The offset that the group had read on to when it began here, if that is beyond `next`; else null. */
  beganBeyond: number | null;
}

export const beginAt = ({ next, before }: Position): Reading => ({
  next,
  before,
  isCompared: false,
  leaderEpoch: null,
  hasLookedBack: false,
  beganBeyond: null,
});

/** Messages that were not applied, or of which Elasticsearch may have lost what was applied. */
export interface Unseen {
  /**
   * `gone`: they left the topic before. `replaced`: their offsets were given out once more, since the log lost its end or
   * the topic was made anew. `forgotten`: the group has read them, but an older copy of Elasticsearch was restored.
   */
  why: 'gone' | 'replaced' | 'forgotten';
  /** Offsets `[from, to)`. */
  from: number;
  to: number;
}

/** `look-back`: only when it is read again from the message before `next` can it be told. */
type Verdict =
  | { kind: 'look-back'; reading: Reading }
  | {
      kind: 'apply';
      /** The index of the first message to apply; the number of messages: none. */
      from: number;
      /** What they would have changed must be given up before the next ones are applied. */
      unseen: Unseen | null;
    };

export interface Placed {
  offsetNumber: number;
  arrivedMs: number;
  value: Buffer | null;
  leaderEpoch: number;
}

/**
 * Whether what was read follows what was applied. In the usual case that is a few comparisons for a batch.
 * @param messages a batch, not empty, in the order of offsets
 * @param logEnd the offset behind the last message of the log when it was read
 */
export function judge(reading: Reading, messages: readonly Placed[], logEnd: number): Verdict {
  const { next, before, isCompared, hasLookedBack } = reading;
  const { offsetNumber: first, leaderEpoch } = messages[0] as Placed;
  const end = first + messages.length;
  const isKnownToFollow = before === null || (isCompared && reading.leaderEpoch === leaderEpoch);
  if (first === next && isKnownToFollow && offsetAfter(messages) === end)
    return { kind: 'apply', from: 0, unseen: null };

  if (logEnd < next) return { kind: 'apply', from: 0, unseen: { why: 'replaced', from: first, to: next } };
  const hasBefore = first < next && offsetAfter(messages) >= next;
  if (!hasBefore && !hasLookedBack && next > 0) {
    const beganBeyond = !isCompared && first > next ? first : null;
    return { kind: 'look-back', reading: { ...reading, hasLookedBack: true, beganBeyond } };
  }
  if (first < next && !holds(messages, next - 1, before)) {
    return { kind: 'apply', from: 0, unseen: { why: 'replaced', from: first, to: next } };
  }
  const from = indexFrom(messages, next);
  return { kind: 'apply', from, unseen: unseenFrom(reading, messages, from) };
}

function unseenFrom({ next, beganBeyond }: Reading, messages: readonly Placed[], from: number): Unseen | null {
  const fresh = messages.slice(from);
  const start = fresh[0]?.offsetNumber ?? next;
  if (start > next) return { why: 'gone', from: next, to: start };
  if (fresh.length > 0 && offsetAfter(messages) - next > fresh.length) {
    return { why: 'gone', from: next, to: offsetAfter(messages) };
  }
  return from > 0 && beganBeyond !== null ? { why: 'forgotten', from: next, to: beganBeyond } : null;
}

/** Whether the message at this offset is the one that it was; if that is not known, whether there is one. */
function holds(messages: readonly Placed[], offset: number, before: MessageFingerprint | null): boolean {
  const message = messages[indexFrom(messages, offset)];
  if (message?.offsetNumber !== offset) return false;
  return before === null || isSameMessage(fingerprintOf(message.value, message.arrivedMs), before);
}

function indexFrom(messages: readonly Placed[], offset: number): number {
  const index = messages.findIndex(({ offsetNumber }) => offsetNumber >= offset);
  return index < 0 ? messages.length : index;
}

const offsetAfter = (messages: readonly Placed[]): number => (messages.at(-1)?.offsetNumber ?? -1) + 1;

/** Where the reading stands when the messages of a batch were applied from an index on. */
export function afterBatch(reading: Reading, messages: readonly Placed[], from: number): Reading {
  const last = messages[messages.length - 1];
  const position = last === undefined || from === messages.length ? reading : positionAfter(last);
  return { ...beginAt(position), isCompared: true, leaderEpoch: last?.leaderEpoch ?? reading.leaderEpoch };
}

const positionAfter = (last: Placed): Position => ({
  next: last.offsetNumber + 1,
  before: fingerprintOf(last.value, last.arrivedMs),
});
