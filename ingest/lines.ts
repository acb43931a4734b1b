import { isUtf8 } from 'node:buffer';
import { type Parsed, parseLine } from '../domain/click/click.ts';
import { FastLineParser } from '../domain/click/fast_line.ts';
import { type Batch, placeId } from './batch.ts';
import { PlaceBytes } from './place_bytes.ts';
import type { Tail } from './tail.ts';

const MAX_LINE_BYTES = 64 * 1024;

const NEWLINE = 10;
const RETURN = 13;

/** Reused between lines: use its fields before the next read(). */
const fastParser = new FastLineParser();

/** `idle`: nothing to read until the file changes. */
type Taken = 'more' | 'idle' | 'broken';

/**
 * Adds whole lines of a generation to the batch, until it is full or the current chunk is used up.
 * @param isFinished the file is no longer written to: a last line without a line end is complete
 */
export function takeLines(tail: Tail, scratch: Buffer, batch: Batch, nowMs: number, isFinished: boolean): Taken {
  const read = tail.read(scratch);
  if (read.kind !== 'bytes') return read.kind;
  const { bytes } = read;
  const end = bytes.lastIndexOf(NEWLINE);
  if (end >= 0) {
    takeWhole(tail, scratch, bytes.subarray(0, end + 1), batch, nowMs);
    return 'more';
  }
  if (bytes.length > MAX_LINE_BYTES) return takeLong(tail, scratch, bytes, batch, nowMs, isFinished);
  if (!isFinished) return 'idle';
  takeWhole(tail, scratch, bytes, batch, nowMs);
  return 'more';
}

function takeWhole(tail: Tail, scratch: Buffer, bytes: Buffer, batch: Batch, nowMs: number): void {
  const start = tail.offset;
  const place = new PlaceBytes(tail.host, tail.id);
  const counts = { lines: 0, clicks: 0, rejected: 0 };
  let at = 0;
  while (at < bytes.length && !batch.isFull) {
    counts.lines++;
    const next = fastParser.read(bytes, at, nowMs);
    const hasId = fastParser.event_id.end > fastParser.event_id.start;
    if (next > 0 && (hasId || place.isFastPathId)) {
      counts.clicks++;
      if (hasId) batch.addClickBytes(tail.topic, bytes, fastParser, bytes, fastParser.event_id);
      else batch.addClickBytes(tail.topic, bytes, fastParser, place.bytes, place.at(start + at));
      at = next;
      continue;
    }
    const newline = bytes.indexOf(NEWLINE, at);
    let end = newline < 0 ? bytes.length : newline;
    if (end > at && bytes[end - 1] === RETURN) end--;
    const line = bytes.subarray(at, end);
    const parsed = parseBytes(line, placeId(tail.host, tail.id, start + at), nowMs);
    if (parsed.ok) {
      counts.clicks++;
      batch.addClick(tail.topic, parsed.click);
    } else {
      counts.rejected++;
      batch.addRejected(parsed.reason, line, placeOf(tail, start + at), nowMs);
    }
    at = newline < 0 ? bytes.length : newline + 1;
  }
  tail.advance(scratch, at, counts);
  batch.positions.set(tail.id, tail.position);
}

/** Parses one whole line without its line end, by the same rules as when it is read from its file. */
export function parseBytes(bytes: Buffer, place: string, nowMs: number): Parsed {
  if (bytes.length > MAX_LINE_BYTES) return { ok: false, reason: 'line_too_long' };
  if (!isUtf8(bytes)) return { ok: false, reason: 'not_utf8' };
  const line = bytes.toString('utf8');
  if (line.includes('\0')) return { ok: false, reason: 'nul_byte' };
  return parseLine(line, place, nowMs);
}

function takeLong(tail: Tail, scratch: Buffer, bytes: Buffer, batch: Batch, nowMs: number, isFinished: boolean): Taken {
  const beginning = Buffer.from(bytes.subarray(0, MAX_LINE_BYTES));
  const place = placeOf(tail, tail.offset);
  const found = tail.findLineEnd(scratch);
  if (found === 'later') return 'more';
  if (found === 'nowhere' && !isFinished) return 'idle';
  const size = tail.stat()?.size ?? 0;
  const end = found === 'nowhere' ? size : found.at;
  const next = found === 'nowhere' ? size : end + 1;
  if (!tail.skipTo(next, { lines: 1, clicks: 0, rejected: 1 })) return 'broken';
  batch.addRejected('line_too_long', beginning, place, nowMs, end - place.offset);
  batch.positions.set(tail.id, tail.position);
  return 'more';
}

const placeOf = (tail: Tail, offset: number) => ({
  host: tail.host,
  file: tail.path,
  generation: tail.id,
  offset,
});
