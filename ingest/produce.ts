import { setTimeout as sleep } from 'node:timers/promises';
import type { Producer, Records } from '../infra/clients/kafka.ts';
import type { Log } from '../infra/log.ts';
import { withTimeout } from '../infra/with_timeout.ts';

const DISCONNECT_LIMIT_MS = 3_000;

export interface Outgoing {
  /** By topic and partition. */
  events: ReadonlyMap<string, Records[]>;
  rejected: Records;
}

type SendingProducer = Pick<Producer, 'sendBatch' | 'disconnect'>;

/** Sends until the broker has acknowledged, however long it is unreachable. */
export class Sender {
  readonly #connect: () => Promise<SendingProducer>;
  readonly #rejectedTopic: string;
  readonly #retryMs: number;
  readonly #log: Log;
  #producer: SendingProducer | null = null;
  #isClosed = false;

  constructor(connect: () => Promise<SendingProducer>, rejectedTopic: string, retryMs: number, log: Log) {
    this.#connect = connect;
    this.#rejectedTopic = rejectedTopic;
    this.#retryMs = retryMs;
    this.#log = log;
  }

  /** Resolves when everything is acknowledged; rejects only after `close`. One call at a time. */
  async send({ events, rejected }: Outgoing): Promise<void> {
    const topicMessages = [...events, [this.#rejectedTopic, [rejected]] as const]
      .map(([topic, partitions]) => ({ topic, messages: partitions.filter(({ length }) => length > 0) }))
      .filter(({ messages }) => messages.length > 0);
    for (;;) {
      try {
        this.#producer ??= await this.#connect();
        await this.#producer.sendBatch({ topicMessages });
        return;
      } catch (error) {
        if (this.#isClosed) throw error;
        this.#log.warn({ err: error }, 'the broker did not take a batch: reading waits, and it is sent again');
      }
      // Its sequence numbers may be used up by messages that arrived although the response was lost: from another
      // producer the broker cannot mistake the next batch for a duplicate, and repeated events carry the same ids.
      await this.#disconnect();
      await sleep(this.#retryMs);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#disconnect();
  }

  async #disconnect(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    if (producer === null) return;
    const disconnected = producer.disconnect().catch((error) => this.#log.warn({ err: error }, 'disconnect failed'));
    await withTimeout(disconnected, DISCONNECT_LIMIT_MS, () => undefined);
  }
}
