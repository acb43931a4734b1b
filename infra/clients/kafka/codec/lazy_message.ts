/** What the records of a batch have in common. */
export interface BatchContext {
  firstOffset: string;
  firstTimestamp: string;
  partitionLeaderEpoch: number;
  inTransaction: boolean;
  isControlBatch: boolean;
  lastOffsetDelta: number;
  producerId: string;
  producerEpoch: number;
  firstSequence: number;
  maxTimestamp: string;
  timestampType: number;
  magicByte: number;
}

export type Headers = Record<string, Buffer | Buffer[]>;

/** A batch of records: its bytes, and kafkajs's own decoder of one record. */
export interface RecordBatch {
  bytes: Buffer;
  context: BatchContext;
  decodeRecord(bytes: Buffer): { headers: Headers };
}

/**
 * A message as kafkajs gives it, still in the bytes that came: texts, buffers and objects are made when they are asked
 * for, and seldom are. Who needs its value only has it in `bytes`, from `valueStart` on.
 */
export class LazyMessage {
  readonly bytes: Buffer;
  readonly valueStart: number;
  /** -1: it has none. */
  valueLength = -1;
  keyLength = -1;
  offsetNumber = 0;
  /** Epoch ms: when the broker appended it, or when it was made, whichever its topic keeps. */
  arrivedMs = 0;
  readonly batch: RecordBatch;
  readonly #start: number;
  readonly #keyStart: number;

  constructor(batch: RecordBatch, start: number, keyStart: number, valueStart: number) {
    this.bytes = batch.bytes;
    this.batch = batch;
    this.#start = start;
    this.#keyStart = keyStart;
    this.valueStart = valueStart;
  }

  get batchContext(): BatchContext {
    return this.batch.context;
  }

  get offset(): string {
    return String(this.offsetNumber);
  }

  get timestamp(): string {
    return String(this.arrivedMs);
  }

  get key(): Buffer | null {
    return this.keyLength < 0 ? null : this.bytes.subarray(this.#keyStart, this.#keyStart + this.keyLength);
  }

  get value(): Buffer | null {
    return this.valueLength < 0 ? null : this.bytes.subarray(this.valueStart, this.valueStart + this.valueLength);
  }

  get headers(): Headers {
    const none = this.bytes[this.valueStart + Math.max(0, this.valueLength)] === 0;
    return none ? {} : this.batch.decodeRecord(this.bytes.subarray(this.#start)).headers;
  }

  get attributes(): number {
    return this.bytes[this.#start] as number;
  }

  get magicByte(): number {
    return this.batchContext.magicByte;
  }

  /** The epoch of the leader that appended it. */
  get leaderEpoch(): number {
    return this.batchContext.partitionLeaderEpoch;
  }

  get isControlRecord(): boolean {
    return this.batchContext.isControlBatch;
  }
}

/** What is to know of a message that came: its value is `valueLength` of `bytes`, or none if that is -1. */
export type Arrived = Pick<LazyMessage, 'offsetNumber' | 'arrivedMs' | 'bytes' | 'valueStart' | 'valueLength'>;
