import { Counter, type Registry } from 'prom-client';
import type { Block } from './block.ts';

export class SinkMetrics {
  readonly #messages: Counter<'as'>;
  readonly #fromFuture: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#messages = new Counter({
      name: 'clickledger_sink_messages_total',
      help: 'Messages written by the sink, by outcome',
      labelNames: ['as'],
      registers,
    });
    this.#fromFuture = new Counter({
      name: 'clickledger_sink_clicks_from_future_total',
      help: 'Counted clicks whose time is more than 10 minutes after their arrival: a clock is wrong',
      registers,
    });
  }

  written(block: Block): void {
    this.#messages.inc({ as: 'click' }, block.rows.count);
    this.#messages.inc({ as: 'copy' }, block.copies.count);
    this.#messages.inc({ as: 'rejected' }, block.rejected.length);
    this.#fromFuture.inc(block.fromFuture);
  }
}
