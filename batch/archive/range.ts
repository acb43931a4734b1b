import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Annotations } from '../../domain/click/annotations.ts';
import { annotationsColumn, copyAnnotationsColumn, MAX_ANNOTATIONS_SIZE } from '../../domain/click/annotations_wire.ts';
import { type Click, MAX_FIELD_BYTES } from '../../domain/click/click.ts';
import { copyField, writeDigits } from '../../domain/click/click_bytes.ts';
import type { FastClickDecoder } from '../../domain/click/fast_message.ts';
import { DAY_MS, dayOf } from '../../domain/time.ts';
import { sql } from '../../infra/sql.ts';
import { type Duck, makeSpillFolder, openDuck, type SpillFolder } from './files/duckdb.ts';

const WRITE_SQL = sql('duckdb/archive_range_write.sql');
const NO_MAPS_SQL = WRITE_SQL.replace('{annotations}', 'MAP {}');
const MAPS_SQL = WRITE_SQL.replace('{annotations}', sql('duckdb/archive_annotations.sql'));

/** Lines of all days kept in memory until they are appended to their files. */
const BUFFERED_BYTES = 256 * 1024;
const FIRST_BYTES = 4 * 1024;
/** Size of a line: nine columns, three of them numbers. */
const LONGEST_LINE = 5 * (MAX_FIELD_BYTES + 1) + 3 * 20 + MAX_ANNOTATIONS_SIZE + 1;
const [TAB, LINE_END] = [9, 10];

/**
 * DuckDB's limit while it sorts and writes a day, whatever the number and length of clicks: the rest is spilled. It sorts
 * 122,880 of them at a time in memory, so that their annotations need as much again, and half as much for maps of them.
 */
const memoryFor = (annotationBytes: number): number => 96 + Math.ceil((1.5 * annotationBytes) / 2 ** 20);

/** Size of a row besides its text: two times, an offset. */
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
  /** Lines not yet in the file, up to `end`. */
  lines: Buffer;
  end: number;
  /** The annotations' bytes of all lines, also those in the file. */
  annotationBytes: number;
}

const NOTHING = Buffer.alloc(0);

/**
 * The clicks of one range of offsets, in one text file per event day until they are written as Parquet. No field of a
 * click and no annotation contains control characters, so tabs and line ends need no quoting.
 */
export class RangeBuffer {
  rows = 0;
  bytes = 0;
  readonly #archiveDir: string;
  readonly #spill: SpillFolder;
  readonly #topicPartition: string;
  /** By day number since 1970. */
  readonly #days = new Map<number, DayLines>();
  #buffered = 0;
  #duck: Duck | null = null;

  constructor(archiveDir: string, topicPartition: string) {
    this.#archiveDir = archiveDir;
    this.#spill = makeSpillFolder(archiveDir);
    this.#topicPartition = topicPartition;
  }

  /** Must be called in offset order. */
  add(click: Click, annotations: Annotations, arrivedMs: number, offset: number, bytes: number): void {
    const { event_id, ad_id, click_timestamp, user_id, ip, country } = click;
    const last = Buffer.from(annotationsColumn(annotations));
    const texts = Buffer.from(`${event_id}\t${ad_id}\t${user_id}\t${ip}\t${country}\t${last}\n`);
    const day = this.#dayOf(click_timestamp, offset);
    day.annotationBytes += last.length;
    const at = writeNumbers(day, offset, arrivedMs, click_timestamp);
    this.#take(day, at + texts.copy(day.lines, at), bytes);
  }

  /** Adds a click whose fields are byte ranges of `from`, with the annotations behind them, up to `end`. */
  addBytes(
    from: Uint8Array,
    click: FastClickDecoder,
    end: number,
    arrivedMs: number,
    offset: number,
    bytes: number,
  ): void {
    const day = this.#dayOf(click.click_timestamp, offset);
    const { lines } = day;
    let at = writeNumbers(day, offset, arrivedMs, click.click_timestamp);
    for (const field of [click.event_id, click.ad_id, click.user_id, click.ip, click.country]) {
      at = copyField(lines, at, from, field);
      lines[at++] = TAB;
    }
    if (click.identityEnd < end) {
      at = copyAnnotationsColumn(lines, at, from, click.identityEnd);
      day.annotationBytes += end - click.identityEnd;
    }
    lines[at++] = LINE_END;
    this.#take(day, at, bytes);
  }

  /** The day's buffer, with room for one more line. */
  #dayOf(click_timestamp: number, offset: number): DayLines {
    const number = Math.floor(click_timestamp / DAY_MS);
    let day = this.#days.get(number);
    if (day === undefined) {
      day = { rows: 0, min_topic_offset: offset, max_topic_offset: offset, lines: NOTHING, end: 0, annotationBytes: 0 };
      this.#days.set(number, day);
    }
    day.rows += 1;
    day.max_topic_offset = offset;
    if (day.end + LONGEST_LINE > day.lines.length) {
      const larger = Buffer.allocUnsafe(Math.max(FIRST_BYTES, 2 * day.lines.length));
      day.lines.copy(larger, 0, 0, day.end);
      day.lines = larger;
    }
    return day;
  }

  #take(day: DayLines, end: number, bytes: number): void {
    this.#buffered += end - day.end;
    day.end = end;
    this.rows += 1;
    this.bytes += bytes + ROW_BYTES;
    if (this.#buffered >= BUFFERED_BYTES) this.#appendLines();
  }

  /** The event days in the range, in order. */
  days(): DayOfRange[] {
    this.#appendLines();
    return [...this.#days]
      .sort(([a], [b]) => a - b)
      .map(([number, { lines: _, end: __, annotationBytes, ...facts }]) => ({
        day: dayOf(number * DAY_MS),
        ...facts,
        write: async (path) => {
          const values = { lines: this.#fileOf(number), topic_partition: this.#topicPartition, path };
          const memoryMb = memoryFor(annotationBytes);
          this.#duck ??= await openDuck(this.#archiveDir, memoryMb);
          await this.#duck.connection.run(`SET memory_limit = '${memoryMb}MB'`);
          const statement = annotationBytes > 0 ? MAPS_SQL : NO_MAPS_SQL;
          const answer = await this.#duck.connection.runAndReadAll(statement, values);
          const written = Number(answer.getRows()[0]?.[0]);
          if (written !== facts.rows) throw new Error(`${path}: ${facts.rows} clicks were taken, ${written} written`);
        },
      }));
  }

  close(): void {
    this.#duck?.close();
    this.#duck = null;
    this.#spill.remove();
  }

  #appendLines(): void {
    for (const [number, day] of this.#days) {
      if (day.end > 0) appendFileSync(this.#fileOf(number), day.lines.subarray(0, day.end));
      // Released: in a back-fill each of very many days would eventually have a buffer of the largest size.
      day.lines = NOTHING;
      day.end = 0;
    }
    this.#buffered = 0;
  }

  #fileOf(dayNumber: number): string {
    return join(this.#spill.path, `${dayNumber}.tsv`);
  }
}

function writeNumbers({ lines, end }: DayLines, offset: number, arrivedMs: number, click_timestamp: number): number {
  let at = end;
  for (const number of [offset, arrivedMs, click_timestamp]) {
    at = writeDigits(lines, at, number);
    lines[at++] = TAB;
  }
  return at;
}
