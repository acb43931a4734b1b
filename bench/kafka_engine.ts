import { randomUUID } from 'node:crypto';
import { PLURAL } from '../domain/event_kinds.ts';
import { fillTemplate } from '../infra/embedded/template.ts';
import { sql, statements } from '../infra/sql.ts';
import type { BenchSite } from './site.ts';

/** How the Kafka engine of ClickHouse reads a topic. */
export interface Readers {
  /** Kafka tables, each with a view, and with its own target if targets are separate. */
  tables: number;
  /** Consumers per table. */
  consumers: number;
  /** Whether each consumer of a table has its own thread and writes separately. */
  threadEach: boolean;
}

/** The targets of the views. */
interface Filled {
  /** Name of the n-th table's target in database ads. */
  target(n: number): string;
  /** Creates the targets, if each table has its own: SQL with `@N@`. */
  targetSql?: string;
  blockRows: number;
}

const ENGINE_SQL = sql('clickhouse/bench/kafka_engine.sql');

/** Additional configuration that makes the server a peer. */
export const KAFKA_ENGINE_CONFIG = new URL('clickhouse/', import.meta.url);

/**
 * Creates Kafka tables and their views, runs the work, and drops them again.
 * @param work gets the consumer group, which all of the tables share
 */
export async function withKafkaEngine<T>(
  { clickhouse, urls }: BenchSite,
  { target, targetSql = '', blockRows }: Filled,
  { tables, consumers, threadEach }: Readers,
  work: (group: string) => Promise<T>,
): Promise<T> {
  // A new group each time: members of the previous one remain for a while.
  const group = `kafka-engine-${randomUUID()}`;
  const query_params = { broker: urls.kafka.brokers.join(','), topic: PLURAL.click, group };
  const all = Array.from({ length: tables }, (_, n) => n);
  for (const n of all) {
    // Names and settings of a table cannot be bound as parameters.
    const values = {
      N: n,
      TARGET: target(n),
      BLOCK_ROWS: blockRows,
      CONSUMERS: consumers,
      THREAD_PER_CONSUMER: Number(threadEach),
    };
    for (const query of statements(fillTemplate(targetSql + ENGINE_SQL, values, String))) {
      // Otherwise there may be no more consumers than cores.
      await clickhouse.command({ query, query_params, clickhouse_settings: { kafka_disable_num_consumers_limit: 1 } });
    }
  }
  const result = await work(group);
  for (const name of ['queue_view', 'queue']) {
    for (const n of all) await clickhouse.command({ query: `DROP TABLE ads.${name}_${n} SYNC` });
  }
  return result;
}
