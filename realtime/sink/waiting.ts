import type { Arrived } from '../../infra/clients/kafka.ts';

/** A message as a range of a shared buffer. */
export class Message {
  readonly offset: number;
  /** The broker's append time. */
  readonly arrivedMs: number;
  /** The value is `bytes[start, end)`; null if the end is before the start. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;

  constructor({ offsets, arrivedMs, bytes, ends }: Run, i: number) {
    this.offset = offsets[i] as number;
    this.arrivedMs = arrivedMs[i] as number;
    this.bytes = bytes;
    this.start = endOf(ends[i - 1] ?? 0);
    this.end = ends[i] as number;
  }

  get value(): Buffer | null {
    return this.end < this.start ? null : this.bytes.subarray(this.start, this.end);
  }
}

/** Messages that were read together. */
interface Run {
  offsets: Float64Array;
  /** Number of messages already taken. */
  taken: number;
  /** Their values, concatenated. */
  bytes: Buffer;
  /** The end of each value; negative for a null value, encoding the end of the previous one. */
  ends: Float64Array;
  arrivedMs: Float64Array;
}

/** Messages of one partition waiting to be written, in offset order; each takes its value and 24 bytes. */
export class Waiting {
  length = 0;
  readonly #runs: Run[] = [];

  add(messages: readonly Arrived[]): void {
    if (messages.length === 0) return;
    const offsets = new Float64Array(messages.length);
    const ends = new Float64Array(messages.length);
    const arrivedMs = new Float64Array(messages.length);
    const bytes = Buffer.allocUnsafe(messages.reduce((sum, { valueLength }) => sum + Math.max(0, valueLength), 0));
    let end = 0;
    for (let i = 0; i < messages.length; i++) {
      const message = messages[i] as Arrived;
      offsets[i] = message.offsetNumber;
      arrivedMs[i] = message.arrivedMs;
      const { bytes: from, valueStart, valueLength } = message;
      // A loop: for so few bytes, a call would take longer.
      for (let at = valueStart; at < valueStart + valueLength; at++) bytes[end++] = from[at] as number;
      ends[i] = valueLength < 0 ? -1 - end : end;
    }
    this.#runs.push({ offsets, taken: 0, bytes, ends, arrivedMs });
    this.length += messages.length;
  }

  /** Removes and returns the next `count` messages, or all if there are fewer. */
  take(count: number): Message[] {
    const messages: Message[] = [];
    for (let run = this.#runs[0]; run !== undefined && messages.length < count; run = this.#runs[0]) {
      const until = Math.min(run.ends.length, run.taken + count - messages.length);
      for (let i = run.taken; i < until; i++) messages.push(new Message(run, i));
      run.taken = until;
      if (until === run.ends.length) this.#runs.shift();
    }
    this.length -= messages.length;
    return messages;
  }
}

const endOf = (end: number): number => (end < 0 ? -1 - end : end);
