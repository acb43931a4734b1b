import { appendFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Click } from '../../domain/click.ts';
import { DAY_MS, dayOf } from '../../domain/time.ts';
import { sql } from '../../infra/sql.ts';
import { type Duck, makeSpillFolder, openDuck } from './duckdb.ts';

const WRITE_SQL = sql('duckdb/archive_range_write.sql');

/** Of lines kept in memory, in all days together, until they are appended to their files. */
const BUFFERED_CHARACTERS = 256 * 1024;

/** Of DuckDB while it sorts and writes a day, of any number of clicks of any length: the rest is spilled. */
const MEMORY_MB = 96;

/** What a row takes besides its text: two times, an offset. */
const ROW_BYTES = 24;

interface DayOfRange {
  day: string;
  rows: number;
  min_topic_offset: number;
  max_topic_offset: number;
  /** Writes the day's clicks as Parquet, sorted by time. */
  write(path: string): Promise<void>;
}

interface DayLines extends Omit<DayOfRange, 'day' | 'write'> {
  /** Not yet in the file. */
  lines: string;
}

/**
 * The clicks of one range of offsets, in a file of lines for each event day until they are written as Parquet. No field
 * of a click has a control character, so tabs and line ends need no quoting.
 */
export class Range {
  rows = 0;
  bytes = 0;
  readonly #archiveDir: string;
  readonly #folder: string;
  readonly #topicPartition: string;
  /** By the number of the day since 1970. */
  readonly #days = new Map<number, DayLines>();
  #buffered = 0;
  #duck: Duck | null = null;

  constructor(archiveDir: string, topicPartition: string) {
    this.#archiveDir = archiveDir;
    this.#folder = makeSpillFolder(archiveDir);
    this.#topicPartition = topicPartition;
  }

  /** In the order of the offsets. */
  add(click: Click, arrivedMs: number, offset: number, bytes: number): void {
    const { event_id, ad_id, click_timestamp, user_id, ip, country } = click;
    const line = `${offset}\t${arrivedMs}\t${click_timestamp}\t${event_id}\t${ad_id}\t${user_id}\t${ip}\t${country}\n`;
    const number = Math.floor(click_timestamp / DAY_MS);
    let day = this.#days.get(number);
    if (day === undefined) {
      day = { rows: 0, min_topic_offset: offset, max_topic_offset: offset, lines: '' };
      this.#days.set(number, day);
    }
    day.rows += 1;
    day.max_topic_offset = offset;
    day.lines += line;
    this.rows += 1;
    this.bytes += bytes + ROW_BYTES;
    this.#buffered += line.length;
    if (this.#buffered >= BUFFERED_CHARACTERS) this.#appendLines();
  }

  /** The event days in the range, in order. */
  days(): DayOfRange[] {
    this.#appendLines();
    return [...this.#days]
      .sort(([a], [b]) => a - b)
      .map(([number, { lines: _, ...facts }]) => ({
        day: dayOf(number * DAY_MS),
        ...facts,
        write: async (path) => {
          const values = { lines: this.#fileOf(number), topic_partition: this.#topicPartition, path };
          this.#duck ??= await openDuck(this.#archiveDir, MEMORY_MB);
          const answer = await this.#duck.connection.runAndReadAll(WRITE_SQL, values);
          const written = Number(answer.getRows()[0]?.[0]);
          if (written !== facts.rows) throw new Error(`${path}: ${facts.rows} clicks were taken, ${written} written`);
        },
      }));
  }

  close(): Promise<void> {
    this.#duck?.close();
    this.#duck = null;
    return rm(this.#folder, { recursive: true, force: true });
  }

  #appendLines(): void {
    for (const [number, day] of this.#days) {
      if (day.lines !== '') appendFileSync(this.#fileOf(number), day.lines);
      day.lines = '';
    }
    this.#buffered = 0;
  }

  #fileOf(dayNumber: number): string {
    return join(this.#folder, `${dayNumber}.tsv`);
  }
}
