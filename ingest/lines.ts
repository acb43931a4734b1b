import { isUtf8 } from 'node:buffer';
import { type Parsed, rejected } from '../domain/click/click.ts';
import { FastJsonParser } from '../domain/click/fast_json.ts';
import { FastLineParser } from '../domain/click/fast_line.ts';
import { parseLine } from '../domain/click/line.ts';
import { otherKindOfLine } from '../domain/click/line_prefix.ts';
import { type EventKind, topicBeside } from '../domain/event_kinds.ts';
import { type Batch, placeId } from './batch.ts';
import { type LineTotals, noLines } from './checkpoint.ts';
import { PlaceBytes } from './place_bytes.ts';
import type { Tail } from './tail.ts';

const MAX_LINE_BYTES = 64 * 1024;

const NEWLINE = 10;
const RETURN = 13;
const BRACE = 123;
const NUL = 0;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Reused between lines: use their fields before the next read(). */
const [fastText, fastJson] = [new FastLineParser(), new FastJsonParser()];

const TOTAL = { click: 'clicks', impression: 'impressions', conversion: 'conversions' } as const;

/** `idle`: nothing to read until the file changes. */
type Taken = 'more' | 'idle' | 'broken';

interface Taking {
  batch: Batch;
  /** The kinds that are run: events of others are passed over. `click` always is. */
  kinds: ReadonlySet<EventKind>;
  nowMs: number;
  /** The file is no longer written to: a last line without a line end is complete. */
  isFinished: boolean;
}

/** Adds whole lines of a generation to the batch, until it is full or the current chunk is used up. */
export function takeLines(tail: Tail, scratch: Buffer, taking: Taking): Taken {
  const read = tail.read(scratch);
  if (read.kind !== 'bytes') return read.kind;
  const { bytes } = read;
  const end = bytes.lastIndexOf(NEWLINE);
  if (end >= 0) {
    takeWhole(tail, scratch, bytes.subarray(0, end + 1), taking);
    return 'more';
  }
  if (bytes.length > MAX_LINE_BYTES) return takeLong(tail, scratch, bytes, taking);
  if (!taking.isFinished) return 'idle';
  takeWhole(tail, scratch, bytes, taking);
  return 'more';
}

function takeWhole(tail: Tail, scratch: Buffer, bytes: Buffer, { batch, kinds, nowMs }: Taking): void {
  const start = tail.offset;
  const place = new PlaceBytes(tail.host, tail.id);
  const topicOf = topicsOf(tail.topic, kinds);
  const counts = noLines();
  let at = 0;
  while (at < bytes.length && !batch.isFull) {
    counts.lines++;
    if (isPassedOver(bytes, at, kinds)) {
      counts.skipped++;
      at = lineEnd(bytes, at) + 1;
      continue;
    }
    const line = bytes[at] === BRACE ? fastJson : fastText;
    const next = line.read(bytes, at, nowMs);
    const hasId = line.event_id.end > line.event_id.start;
    if (next > 0 && (hasId || place.isFastPathId)) {
      const topic = topicOf[line.kind];
      if (topic === undefined) counts.skipped++;
      else {
        counts[TOTAL[line.kind]]++;
        if (hasId) batch.addLineBytes(topic, bytes, line, bytes, line.event_id);
        else batch.addLineBytes(topic, bytes, line, place.bytes, place.at(start + at));
      }
      at = next;
      continue;
    }
    const end = lineEnd(bytes, at);
    takeSlowly(tail, bytes.subarray(at, end), start + at, { batch, topicOf, counts, nowMs });
    at = end + 1;
  }
  tail.advance(scratch, Math.min(at, bytes.length), counts);
  batch.moveTo(tail.id, tail.position, counts);
}

/** The line end, or the end of the bytes. */
function lineEnd(bytes: Buffer, at: number): number {
  const newline = bytes.indexOf(NEWLINE, at);
  return newline < 0 ? bytes.length : newline;
}

/** The topics of the kinds that are run. */
type TopicOf = Partial<Record<EventKind, string>>;

const topicsOf = (clicksTopic: string, kinds: ReadonlySet<EventKind>): TopicOf =>
  Object.fromEntries([...kinds].map((kind) => [kind, topicBeside(clicksTopic, kind)]));

/** A text line of a kind that is not run, whatever else is in it. */
function isPassedOver(bytes: Uint8Array, at: number, kinds: ReadonlySet<EventKind>): boolean {
  const kind = otherKindOfLine(bytes, at);
  return kind !== null && !kinds.has(kind);
}

interface SlowlyTaking {
  batch: Batch;
  topicOf: TopicOf;
  counts: LineTotals;
  nowMs: number;
}

function takeSlowly(tail: Tail, ended: Buffer, offset: number, taking: SlowlyTaking): void {
  const { batch, topicOf, counts, nowMs } = taking;
  const line = ended.at(-1) === RETURN ? ended.subarray(0, -1) : ended;
  const parsed = parseBytes(line, placeId(tail.host, tail.id, offset), nowMs);
  const topic = parsed.kind === null ? null : topicOf[parsed.kind];
  if (topic === undefined) counts.skipped++;
  else if (parsed.ok && topic !== null) {
    counts[TOTAL[parsed.kind]]++;
    batch.addEvent(topic, parsed);
  } else if (!parsed.ok) {
    const behind = line.lastIndexOf(NUL) + 1;
    const at = placeId(tail.host, tail.id, offset + behind);
    if (behind > 0 && behind < line.length && parseBytes(line.subarray(behind), at, nowMs).kind !== null) {
      rejectFiller(tail, line.subarray(0, behind), offset, taking);
      takeSlowly(tail, line.subarray(behind), offset + behind, taking);
      return;
    }
    counts.rejected++;
    batch.addRejected(parsed.reason, line, placeOf(tail, offset), nowMs);
  }
}

/**
 * Bytes up to the last NUL before an event: a power cut leaves NULs where lines were not on disk yet, behind half a
 * line perhaps, and so does a program that goes on at its old position in a truncated log. They count as a line.
 */
function rejectFiller(
  tail: Tail,
  filler: Buffer,
  offset: number,
  { batch, counts, nowMs }: Pick<SlowlyTaking, 'batch' | 'counts' | 'nowMs'>,
  length = filler.length,
): void {
  counts.lines++;
  counts.rejected++;
  batch.addRejected('nul_byte', filler.subarray(0, MAX_LINE_BYTES), placeOf(tail, offset), nowMs, length);
}

/** Parses one whole line without its line end, by the same rules as when it is read from its file. */
export function parseBytes(whole: Buffer, place: string, nowMs: number): Parsed {
  // Not only at the beginning of a file: files are put together, too.
  const hasMark = BYTE_ORDER_MARK.equals(whole.subarray(0, BYTE_ORDER_MARK.length));
  const bytes = hasMark ? whole.subarray(BYTE_ORDER_MARK.length) : whole;
  if (bytes.length > MAX_LINE_BYTES) return rejected('line_too_long');
  if (!isUtf8(bytes)) return rejected('not_utf8');
  const line = bytes.toString('utf8');
  if (line.includes('\0')) return rejected('nul_byte');
  return parseLine(line, place, nowMs);
}

function takeLong(tail: Tail, scratch: Buffer, bytes: Buffer, { batch, kinds, nowMs, isFinished }: Taking): Taken {
  const beginning = Buffer.from(bytes.subarray(0, MAX_LINE_BYTES));
  const place = placeOf(tail, tail.offset);
  const found = tail.findLineEnd(scratch);
  if (found === 'later') return 'more';
  if (found === 'nowhere' && !isFinished) return 'idle';
  const size = tail.stat()?.size ?? 0;
  const end = found === 'nowhere' ? size : found.at;
  const behind = tail.findLast(scratch, NUL, end - MAX_LINE_BYTES, end);
  if (behind !== null && behind < end) {
    // What stands behind the last NUL is read next, as a line of its own.
    const counts = noLines();
    rejectFiller(tail, beginning, place.offset, { batch, counts, nowMs }, behind - place.offset);
    if (!tail.skipTo(behind, counts)) return 'broken';
    batch.moveTo(tail.id, tail.position, counts);
    return 'more';
  }
  const next = found === 'nowhere' ? size : end + 1;
  const isSkipped = isPassedOver(beginning, 0, kinds);
  const counts = { ...noLines(), lines: 1, [isSkipped ? 'skipped' : 'rejected']: 1 };
  if (!tail.skipTo(next, counts)) return 'broken';
  if (!isSkipped) batch.addRejected('line_too_long', beginning, place, nowMs, end - place.offset);
  batch.moveTo(tail.id, tail.position, counts);
  return 'more';
}

const placeOf = (tail: Tail, offset: number) => ({
  host: tail.host,
  file: tail.path,
  generation: tail.id,
  offset,
});
