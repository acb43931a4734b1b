import { Counter, Gauge, type Registry } from 'prom-client';
import type { EventKind } from '../../../domain/event_kinds.ts';
import { type ClickHouseClient, rows } from '../../../infra/clients/clickhouse.ts';
import type { ElasticsearchClient } from '../../../infra/clients/elasticsearch.ts';
import { sql } from '../../../infra/sql.ts';
import { cachedRead } from '../stores/cached_read.ts';

const SHARE = sql('clickhouse/queries/api_hottest_share.sql');
/** However often the metrics are asked for, no engine is asked more often. */
const JVM_AGE_MS = 15_000;
const SHARE_AGE_MS = 60_000;

interface Jvm {
  name: string;
  heapUsed: number;
  heapMax: number;
  gc: Record<string, number>;
}

/** Heap and garbage collection of each node of Elasticsearch. Without the right `monitor` there is no sample. */
export function watchElasticsearch(metrics: Registry, elasticsearch: ElasticsearchClient): void {
  const registers = [metrics];
  const read = cachedRead(JVM_AGE_MS, (signal) => readJvms(elasticsearch, signal));
  // A metric that another one fills would show what it was when it was last asked for.
  new Counter({
    name: 'clickledger_elasticsearch_gc_seconds_total',
    help: 'Time that a node of Elasticsearch has spent collecting garbage',
    labelNames: ['node', 'collector'],
    registers,
    async collect() {
      const nodes = await read().catch(() => []);
      this.reset();
      for (const node of nodes) {
        for (const [collector, ms] of Object.entries(node.gc)) this.inc({ node: node.name, collector }, ms / 1_000);
      }
    },
  });
  new Gauge({
    name: 'clickledger_elasticsearch_heap_bytes',
    help: 'Heap of a node of Elasticsearch: what is used, and the most there is',
    labelNames: ['node', 'of'],
    registers,
    async collect() {
      const nodes = await read().catch(() => []);
      this.reset();
      for (const { name, heapUsed, heapMax } of nodes) {
        this.set({ node: name, of: 'used' }, heapUsed);
        this.set({ node: name, of: 'max' }, heapMax);
      }
    },
  });
}

async function readJvms(elasticsearch: ElasticsearchClient, signal: AbortSignal): Promise<Jvm[]> {
  const { nodes } = await elasticsearch.nodes.stats({ metric: 'jvm' }, { signal });
  return Object.entries(nodes).map(([id, { name = id, jvm }]) => ({
    name,
    heapUsed: jvm?.mem?.heap_used_in_bytes ?? 0,
    heapMax: jvm?.mem?.heap_max_in_bytes ?? 0,
    gc: Object.fromEntries(
      Object.entries(jvm?.gc?.collectors ?? {}).map(([name, { collection_time_in_millis: ms }]) => [
        name,
        Number(ms ?? 0),
      ]),
    ),
  }));
}

/** How much of the events of the last five minutes are of one ad: what a hot ad does to partitions and rollups. */
export function watchHottestAd(metrics: Registry, stores: { event: EventKind; clickhouse: ClickHouseClient }[]): void {
  const reads = stores.map(({ event, clickhouse }) => ({
    event,
    read: cachedRead(SHARE_AGE_MS, async () => (await rows<{ share: number }>(clickhouse, SHARE))[0]?.share ?? 0),
  }));
  new Gauge({
    name: 'clickledger_hottest_ad_share',
    help: 'Share of the ad with the most events of the last five minutes; 0: there were none',
    labelNames: ['event'],
    registers: [metrics],
    async collect() {
      this.reset();
      for (const { event, read } of reads) {
        const share = await read().catch(() => null);
        if (share !== null) this.set({ event }, share);
      }
    },
  });
}
