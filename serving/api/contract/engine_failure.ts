export type Engine = 'clickhouse' | 'elasticsearch' | 'hive' | 'kafka';

const NAMES: Record<Engine, string> = {
  clickhouse: 'ClickHouse',
  elasticsearch: 'Elasticsearch',
  hive: 'Hive',
  kafka: 'Kafka',
};

/** An engine that did not answer, or not in time; or that has not got back what the answer takes. */
export class EngineFailure extends Error {
  readonly engine: Engine;

  constructor(engine: Engine, cause: unknown, message = `${NAMES[engine]} did not answer`) {
    super(message, { cause });
    this.engine = engine;
  }
}

/** @param what days, or a run */
export const notBackFailure = (what: string): EngineFailure =>
  new EngineFailure('clickhouse', null, `ClickHouse was lost, and ${what} are not back yet`);
