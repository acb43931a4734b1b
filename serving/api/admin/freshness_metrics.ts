import { Gauge, type Registry } from 'prom-client';
import type { EventKind } from '../../../domain/event_kinds.ts';
import { freshnessMs } from '../../../domain/watermark.ts';
import type { Clock } from '../../planner/tops.ts';
import type { IndexerState } from '../stores/search_state.ts';
import type { ReadLags } from './lag.ts';

interface Watched {
  metrics: Registry;
  /** The state of each kind of event that is run. */
  states: ReadonlyMap<EventKind, () => Promise<Pick<IndexerState, 'watermarkMs' | 'boundaryMs'>>>;
  readLags: ReadLags;
  clock(): Clock;
}

/**
 * How fresh the answers are, and how far each reader of Kafka is behind, read whenever the metrics are. What is not
 * known has no sample: alerts are raised for that too.
 */
export function watchFreshness({ metrics, states, readLags, clock }: Watched): void {
  const registers = [metrics];
  const watermark = new Gauge({
    name: 'clickledger_watermark_timestamp_seconds',
    help: 'Everything that arrived before this instant is in the answers, apart from ALLOWED_LATENESS',
    labelNames: ['event'],
    registers,
  });
  const boundary = new Gauge({
    name: 'clickledger_boundary_timestamp_seconds',
    help: 'Minutes before this instant are closed and answered from Elasticsearch',
    labelNames: ['event'],
    registers,
  });
  new Gauge({
    name: 'clickledger_freshness_seconds',
    help: 'Age of the answers; no sample: nobody knows',
    labelNames: ['event'],
    registers,
    async collect() {
      for (const gauge of [this, watermark, boundary]) gauge.reset();
      for (const [event, read] of states) {
        const state = await read().catch(() => null);
        if (state === null || state.watermarkMs === null) continue;
        const { nowMs, latenessMs } = clock();
        const ageMs = freshnessMs(state.watermarkMs, latenessMs, nowMs);
        watermark.set({ event }, state.watermarkMs / 1_000);
        if (state.boundaryMs !== null) boundary.set({ event }, state.boundaryMs / 1_000);
        if (ageMs !== null) this.set({ event }, ageMs / 1_000);
      }
    },
  });
  new Gauge({
    name: 'clickledger_lag_messages',
    help: 'Messages of a topic that a consumer group has not read yet',
    labelNames: ['topic', 'group'],
    registers,
    async collect() {
      this.reset();
      const lags = await readLags().catch(() => ({}));
      for (const [topic, groups] of Object.entries(lags)) {
        for (const [group, messages] of Object.entries(groups)) this.set({ topic, group }, messages);
      }
    },
  });
}
