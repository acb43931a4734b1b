import { Counter, Gauge, type Registry } from 'prom-client';
import { rejectedByReason } from '../../infra/rejected_by_reason.ts';
import { stageSeconds } from '../../infra/stage_seconds.ts';
import type { Block } from './block.ts';

export class SinkMetrics {
  readonly #messages: Counter<'as'>;
  readonly #rejected: Counter<'reason'>;
  readonly #fromFuture: Counter;
  readonly #stopped: Gauge<'topic_partition'>;
  readonly #counted: (appendedMs: number) => void;

  constructor(registry: Registry, nowMs: () => number) {
    const registers = [registry];
    this.#counted = stageSeconds(registry, 'counted', nowMs);
    this.#messages = new Counter({
      name: 'clickledger_sink_messages_total',
      help: 'Messages written by the sink, by outcome',
      labelNames: ['as'],
      registers,
    });
    this.#rejected = rejectedByReason(
      registry,
      'clickledger_sink_rejected_total',
      'Messages that are not valid events',
    );
    this.#stopped = new Gauge({
      name: 'clickledger_sink_partition_stopped',
      help: '1 for a partition that is not counted any more until somebody mends what "status" names',
      labelNames: ['topic_partition'],
      registers,
    });
    this.#fromFuture = new Counter({
      name: 'clickledger_sink_clicks_from_future_total',
      help: 'Counted clicks whose time is more than 10 minutes after their arrival: a clock is wrong',
      registers,
    });
  }

  stopped(topic_partition: string): void {
    this.#stopped.set({ topic_partition }, 1);
  }

  /** After a rebalance: partitions that are still stopped say so again. */
  noneStopped(): void {
    this.#stopped.reset();
  }

  written(block: Block): void {
    this.#messages.inc({ as: 'click' }, block.rows.count);
    this.#messages.inc({ as: 'copy' }, block.copies.count);
    this.#messages.inc({ as: 'rejected' }, block.rejected.length);
    for (const { reason } of block.rejected) this.#rejected.inc({ reason });
    this.#fromFuture.inc(block.fromFuture);
    this.#counted(block.arrivedMs);
  }
}
