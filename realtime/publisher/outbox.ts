import { type AdMinute, encodeMessage, realtimePartitions } from '../../domain/ad_minutes.ts';
import { type FilterRevision, filterKey } from '../../domain/filters/filter_revision.ts';
import { dayOf } from '../../domain/time.ts';
import { CompressionTypes, type Producer } from '../../infra/clients/kafka.ts';

const ROWS_PER_MESSAGE = 1_000;
const ROWS_PER_SEND = 20_000;

export interface OutboxPorts {
  producer: Producer;
  adMinutesTopic: string;
  adMinutesPartitions: number;
}

interface Waiting {
  day: string;
  filter: FilterRevision | null;
  rows: AdMinute[];
}

/**
 * Groups rows into messages of one day and filter each; in a back-fill over very many days each gets only a few rows.
 */
export class Outbox {
  readonly #ports: OutboxPorts;
  readonly #waiting = new Map<string, Waiting>();
  #rows = 0;
  #next = 0;

  constructor(ports: OutboxPorts) {
    this.#ports = ports;
  }

  /** @param filter null: the row counts all clicks */
  async add(row: AdMinute, filter: FilterRevision | null): Promise<void> {
    const day = dayOf(row[0]);
    const key = `${day} ${filter === null ? '' : filterKey(filter)}`;
    const waiting = this.#waiting.get(key);
    if (waiting) waiting.rows.push(row);
    else this.#waiting.set(key, { day, filter, rows: [row] });
    this.#rows += 1;
    if (this.#rows >= ROWS_PER_SEND) await this.flush();
  }

  async flush(): Promise<void> {
    const messages = [...this.#waiting.values()].flatMap((waiting) => this.#messagesOf(waiting));
    this.#waiting.clear();
    this.#rows = 0;
    if (messages.length === 0) return;
    const { producer, adMinutesTopic } = this.#ports;
    await producer.send({ topic: adMinutesTopic, acks: -1, compression: CompressionTypes.GZIP, messages });
  }

  #messagesOf({ day, filter, rows }: Waiting): { partition: number; value: string }[] {
    const partitions = realtimePartitions(this.#ports.adMinutesPartitions);
    const of = filter === null ? {} : { filter: { filterId: filter.filterId, revision: filter.revision } };
    const messages: { partition: number; value: string }[] = [];
    for (let from = 0; from < rows.length; from += ROWS_PER_MESSAGE) {
      const partition = partitions[this.#next++ % partitions.length] as number;
      const some = rows.slice(from, from + ROWS_PER_MESSAGE);
      messages.push({ partition, value: encodeMessage({ kind: 'minutes', day, source: 'rt', ...of, rows: some }) });
    }
    return messages;
  }
}
