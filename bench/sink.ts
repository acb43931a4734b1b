import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { TOPICS } from '../domain/names.ts';
import { sql, statements } from '../infra/sql.ts';
import { even, writeLog } from './clicks.ts';
import { bytesPerClick, checkCounted, emptyTopic, fillTopic, hasCommitted } from './path.ts';
import type { Site } from './site.ts';
import type { Benchmark, Phase, Round } from './types.ts';
import { until } from './until.ts';
import { meter } from './usage.ts';

const ENGINE_SQL = statements(sql('clickhouse/bench/kafka_engine.sql'));

/** The same topic into the same tables: by the sink, and by what ClickHouse brings for it. */
export const sink: Benchmark = {
  name: 'sink',
  about: "Kafka → raw clicks and two views, beside ClickHouse's own Kafka engine",
  sides: {
    ours: 'the sink: exactly once, copies dropped',
    peer: 'the Kafka engine: at least once, copies counted',
  },
  engines: ['kafka', 'clickhouse'],
  rows: 600_000,
  takesAds: true,
  async prepare(site, { rows, ads }) {
    const log = join(site.folder, 'lines', 'clicks.log');
    await writeLog(log, rows, even(ads));
    await site.emptyTopics();
    await fillTopic(site, site.newFolder(), log, rows);
    return {
      ours: () => startedOver(site, rows, () => emptyTopic(site, site.newFolder(), rows)),
      peer: () => startedOver(site, rows, () => kafkaEngine(site, rows)),
    };
  },
  targets: ({ ours, ratio, ratios }) => [
    { what: 'rows/s, ours ÷ peer', value: ratio, atLeast: 1.1 },
    { what: 'CPU-seconds, ours ÷ peer', value: ratios.sink?.cpu_seconds ?? Number.NaN, atMost: 1.2 },
    {
      what: 'peak of the sink process, MB',
      value: ours.phases.sink?.processes.realtime?.peak_rss_mb ?? Number.NaN,
      atMost: 500,
    },
  ],
};

async function startedOver(site: Site, clicks: number, measure: () => Promise<Phase>): Promise<Round> {
  await site.forgetSink();
  await site.emptyTables();
  return { phases: [await measure()], facts: await bytesPerClick(site, clicks) };
}

async function kafkaEngine(site: Site, messages: number): Promise<Phase> {
  // Of its own: members of the group before stay for a while.
  const group = `kafka-engine-${randomUUID()}`;
  const used = meter(site.engines);
  const query_params = { broker: site.urls.kafka.join(','), topic: TOPICS.clicks, group };
  for (const query of ENGINE_SQL) await site.clickhouse.command({ query, query_params });
  await until('all messages are committed', () => hasCommitted(site, group, messages));
  const phase = { name: 'sink', rows: messages, ...used() };
  await checkCounted(site, messages);
  await site.clickhouse.command({ query: 'DROP TABLE ads.queue SYNC' });
  return phase;
}
