import { setTimeout as delay } from 'node:timers/promises';
import type { Consumer } from '../../infra/clients/kafka.ts';

/**
 * Within this share of the session time-out after the last sign of life, the broker cannot have reassigned our
 * partitions.
 */
const SAFE_SHARE = 0.6;

/**
 * Whether work started in one generation of the consumer group may still be finished. kafkajs commits with the
 * generation it is in when the request leaves, so a handler that was paused must find out by itself that it no longer
 * owns its partition: each rebalance begins a new epoch, and after a silence long enough to hide a session time-out,
 * nothing is done before the broker has answered a heartbeat.
 */
export class GroupMembership {
  #epoch = 0;
  #aliveAt = performance.now();
  readonly #safeMs: number;

  constructor(consumer: Consumer, sessionTimeoutMs: number) {
    this.#safeMs = sessionTimeoutMs * SAFE_SHARE;
    const { GROUP_JOIN, REBALANCING, HEARTBEAT, STOP, CRASH, DISCONNECT } = consumer.events;
    consumer.on(HEARTBEAT, () => {
      this.#aliveAt = performance.now();
    });
    consumer.on(GROUP_JOIN, () => {
      this.#epoch += 1;
      this.#aliveAt = performance.now();
    });
    for (const event of [REBALANCING, STOP, CRASH, DISCONNECT]) {
      consumer.on(event, () => {
        this.#epoch += 1;
      });
    }
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** True once membership in that epoch is certain, false once the epoch has passed. */
  async owns(epoch: number): Promise<boolean> {
    while (epoch === this.#epoch && performance.now() - this.#aliveAt > this.#safeMs) await delay(50);
    return epoch === this.#epoch;
  }
}
