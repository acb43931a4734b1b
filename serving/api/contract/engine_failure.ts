export type Engine = 'clickhouse' | 'elasticsearch' | 'hive' | 'kafka';

const NAMES: Record<Engine, string> = {
  clickhouse: 'ClickHouse',
  elasticsearch: 'Elasticsearch',
  hive: 'Hive',
  kafka: 'Kafka',
};

/** An engine that did not answer, or not in time. */
export class EngineFailure extends Error {
  readonly engine: Engine;

  constructor(engine: Engine, cause: unknown) {
    super(`${NAMES[engine]} did not answer`, { cause });
    this.engine = engine;
  }
}
