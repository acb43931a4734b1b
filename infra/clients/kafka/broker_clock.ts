import type { Producer } from 'kafkajs';
import { z } from 'zod';
import type { ClockReading } from '../../../domain/clocks.ts';
import { parsed } from '../../../domain/parse.ts';

/** The host's wall clock, and one that only goes forward. In ms. */
interface HostClock {
  wallMs(): number;
  monotonicMs(): number;
}

const HOST: HostClock = { wallMs: () => Date.now(), monotonicMs: () => performance.now() };

/** A broker answers -1 for a topic whose records have the time of their sender. */
const acknowledged = z.tuple([z.object({ logAppendTime: z.coerce.number() })]);

interface Appended {
  atMs: number;
  /** By the host's clock that only goes forward. */
  sentMs: number;
  answeredMs: number;
}

/**
 * The broker's clock, which everything is decided by: clicks arrive by it. Its time is that at which the broker appended
 * a record of ours.
 */
export class BrokerClock {
  readonly #connect: () => Promise<Pick<Producer, 'send'>>;
  readonly #topic: string;
  readonly #host: HostClock;
  #last: Appended | null = null;

  /** @param connect called for each reading; returns the same producer each time */
  constructor(connect: () => Promise<Pick<Producer, 'send'>>, topic: string, host = HOST) {
    this.#connect = connect;
    this.#topic = topic;
    this.#host = host;
  }

  /**
   * Appends a record and returns its time: never later than the broker's clock when this returns, so what is appended
   * from then on has arrived after it.
   */
  async read(): Promise<number> {
    return (await this.reading()).atMs;
  }

  /** The same, with the times of the host's clock between which the record was appended. */
  async reading(): Promise<ClockReading> {
    const producer = await this.#connect();
    const [fromMs, sentMs] = [this.#host.wallMs(), this.#host.monotonicMs()];
    const answer = await producer.send({ topic: this.#topic, acks: -1, messages: [{ value: '' }] });
    const [toMs, answeredMs] = [this.#host.wallMs(), this.#host.monotonicMs()];
    const [{ logAppendTime: atMs }] = parsed(acknowledged, answer, `what Kafka acknowledges of ${this.#topic}`);
    if (atMs < 0) {
      throw new Error(
        `topic ${this.#topic} keeps the times of senders, so it does not say what time it is: set message.timestamp.type=LogAppendTime on it (kafka-configs --alter --entity-type topics --entity-name ${this.#topic} --add-config message.timestamp.type=LogAppendTime)`,
      );
    }
    const host = { fromMs, toMs };
    this.#last = { atMs, sentMs, answeredMs };
    return { atMs, host };
  }

  /**
   * The time now without asking: the host's clock, held within what the broker's can be since the last record, so a host
   * with a wrong clock, or one that is set while this runs, has no say. The host's clock as it is before the first
   * record.
   */
  nowMs(): number {
    const hostMs = this.#host.wallMs();
    if (this.#last === null) return hostMs;
    const { atMs, sentMs, answeredMs } = this.#last;
    const monotonicMs = this.#host.monotonicMs();
    const earliestMs = Math.floor(atMs + monotonicMs - answeredMs);
    const latestMs = Math.ceil(atMs + monotonicMs - sentMs);
    return Math.min(latestMs, Math.max(earliestMs, hostMs));
  }
}

/** For a process that reads the clock by a producer it has. */
export const clockOf = (producer: Pick<Producer, 'send'>, topic: string): BrokerClock =>
  new BrokerClock(async () => producer, topic);
