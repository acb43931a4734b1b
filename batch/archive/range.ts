import type { Click } from '../../domain/click.ts';
import { DAY_MS, dayOf } from '../../domain/time.ts';
import { sql, statements } from '../../infra/sql.ts';
import type { DuckDBAppender, DuckDBConnection } from './duckdb.ts';

const SQL = {
  table: sql('duckdb/archive_range_table.sql'),
  sort: sql('duckdb/archive_range_sort.sql'),
  days: sql('duckdb/archive_range_days.sql'),
  write: sql('duckdb/archive_range_write.sql'),
  drop: sql('duckdb/archive_range_drop.sql'),
};

/** DuckDB's appender would hold 200,000 rows in memory that cannot be spilled, for each range. */
const ROWS_IN_APPENDER = 8_192;

/** What a row takes besides its text: two times, an offset. */
const ROW_BYTES = 24;

interface DayOfRange {
  day: string;
  rows: number;
  min_topic_offset: number;
  max_topic_offset: number;
  /** Writes the day's clicks, sorted by time. */
  write(path: string): Promise<void>;
}

/** The clicks of one range of offsets, kept by DuckDB (which spills to disk) until they are written day by day. */
export class Range {
  rows = 0;
  bytes = 0;
  readonly #duck: DuckDBConnection;
  readonly #number: number;
  readonly #topicPartition: string;
  #appender: DuckDBAppender | null = null;

  /** @param number tells it from other ranges of the same DuckDB */
  constructor(duck: DuckDBConnection, number: number, topicPartition: string) {
    this.#duck = duck;
    this.#number = number;
    this.#topicPartition = topicPartition;
  }

  async open(): Promise<void> {
    await this.#run(SQL.table);
    this.#appender = await this.#duck.createAppender(`range_${this.#number}`);
  }

  add(click: Click, arrivedMs: number, offset: number, bytes: number): void {
    const appender = this.#appender;
    if (appender === null) throw new Error('a range that was closed takes no more clicks');
    appender.appendVarchar(click.event_id);
    appender.appendVarchar(click.ad_id);
    appender.appendBigInt(BigInt(click.click_timestamp));
    appender.appendVarchar(click.user_id);
    appender.appendVarchar(click.ip);
    appender.appendVarchar(click.country);
    appender.appendBigInt(BigInt(arrivedMs));
    appender.appendVarchar(this.#topicPartition);
    appender.appendBigInt(BigInt(offset));
    appender.endRow();
    this.rows += 1;
    this.bytes += bytes + ROW_BYTES;
    if (this.rows % ROWS_IN_APPENDER === 0) appender.flushSync();
  }

  /** The event days in the range, in order. No more clicks are taken. */
  async days(): Promise<DayOfRange[]> {
    this.#closeAppender();
    await this.#run(SQL.sort);
    const answer = await this.#duck.runAndReadAll(this.#fill(SQL.days));
    return answer.getRowObjects().map((row) => {
      const day_number = row.day_number as bigint;
      return {
        day: dayOf(Number(day_number) * DAY_MS),
        rows: Number(row.clicks),
        min_topic_offset: Number(row.min_topic_offset),
        max_topic_offset: Number(row.max_topic_offset),
        write: async (path) => void (await this.#duck.run(this.#fill(SQL.write), { day_number, path })),
      };
    });
  }

  async close(): Promise<void> {
    this.#closeAppender();
    await this.#run(SQL.drop);
  }

  #closeAppender(): void {
    this.#appender?.closeSync();
    this.#appender = null;
  }

  async #run(text: string): Promise<void> {
    for (const statement of statements(text)) await this.#duck.run(this.#fill(statement));
  }

  #fill(text: string): string {
    return text.replaceAll('{range}', String(this.#number));
  }
}
