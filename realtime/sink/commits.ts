import type { EachBatchPayload } from '../../infra/clients/kafka.ts';
import { encodeMetadata, type Progress } from './intent.ts';

type CommitRequest = EachBatchPayload['commitOffsetsIfNecessary'];

/** Commits directly to the broker: kafkajs's consumer.commitOffsets can return without having committed. */
export class Commits {
  #request: CommitRequest | null = null;
  readonly #inFlight = new Set<Promise<void>>();

  /** kafkajs exposes the commit request only with each batch. */
  setRequest(request: CommitRequest): void {
    this.#request = request;
  }

  async commit(topic: string, partition: number, progress: Progress): Promise<void> {
    if (!this.#request) throw new Error('nothing was fetched yet, so there is nothing to commit');
    const entry = { partition, offset: String(progress.offset), metadata: encodeMetadata(progress) };
    const request = this.#request({ topics: [{ topic, partitions: [entry] }] });
    this.#inFlight.add(request);
    try {
      await request;
    } finally {
      this.#inFlight.delete(request);
    }
  }

  /** Resolves when no commit is in flight that could land after a later read. */
  async allSettled(): Promise<void> {
    await Promise.allSettled(this.#inFlight);
  }
}
