import { closeSync, openSync } from 'node:fs';
import { addLines, type Checkpoint, type LineTotals, type Position } from './checkpoint.ts';
import { type FileState, readFully, readShaOf, statOpenFile } from './files.ts';
import { FINGERPRINT_BYTES, type Fingerprint, shaOf } from './fingerprint.ts';
import type { FileId } from './generation.ts';

/** Bytes per read. */
const CHUNK_BYTES = 256 * 1024;
/** For a longer line, bytes searched for its end before other files have their turn. */
const SEARCH_BYTES = 16 * 1024 * 1024;

export const newScratch = (): Buffer => Buffer.allocUnsafe(FINGERPRINT_BYTES + CHUNK_BYTES);

/** `broken`: the file no longer has the bytes that were read: it was truncated or replaced. */
type ReadResult = { kind: 'bytes'; bytes: Buffer } | { kind: 'idle' } | { kind: 'broken' };

/**
 * Reads one generation from its last position. Nothing is buffered between reads: an incomplete line is read again.
 * Reads are synchronous, so that nothing can happen between verifying the bytes read before and reading those after
 * them.
 */
export class Tail {
  readonly id: string;
  readonly host: string;
  readonly topic: string;
  path: string;
  log: string;
  file: FileId;
  copies: FileId[];
  goneMs: number | null;
  /** Ahead of the checkpoint by the batches in flight to the broker. */
  position: Position;
  #fd: number | null = null;
  #searchedTo = 0;

  constructor(checkpoint: Checkpoint) {
    const { id, host, topic, path, log, file, copies, goneMs, ...position } = checkpoint;
    this.id = id;
    this.host = host;
    this.topic = topic;
    this.path = path;
    this.log = log;
    this.file = file;
    this.copies = copies;
    this.goneMs = goneMs;
    this.position = position;
  }

  get offset(): number {
    return this.position.tail.to;
  }

  get head(): Fingerprint {
    return this.position.head;
  }

  get tail(): Fingerprint {
    return this.position.tail;
  }

  get isOpen(): boolean {
    return this.#fd !== null;
  }

  /** State of the open file, which may no longer have a name. */
  stat(): FileState | null {
    return this.#fd === null ? null : statOpenFile(this.#fd);
  }

  readSha(from: number, to: number): string | null {
    const fd = this.#open();
    return fd === null ? null : readShaOf(fd, from, to);
  }

  /** Bytes from `offset` on, as many as fit into `scratch`; valid until `scratch` is used again. */
  read(scratch: Buffer): ReadResult {
    const fd = this.#open();
    if (fd === null) return { kind: 'idle' };
    const { head, tail } = this.position;
    if (statOpenFile(fd).size < tail.to || readShaOf(fd, 0, head.to) !== head.sha) return { kind: 'broken' };
    const before = tail.to - tail.from;
    const length = readFully(fd, scratch, tail.from);
    if (length < before || shaOf(scratch.subarray(0, before)) !== tail.sha) return { kind: 'broken' };
    return length === before ? { kind: 'idle' } : { kind: 'bytes', bytes: scratch.subarray(before, length) };
  }

  /** Advances past the first `taken` bytes that `read` put into `scratch`. */
  advance(scratch: Buffer, taken: number, counts: LineTotals): void {
    const { head, tail } = this.position;
    const to = tail.to + taken;
    const at = (from: number, end: number): Buffer => scratch.subarray(from - tail.from, end - tail.from);
    const printOf = (from: number, end: number): Fingerprint => ({ from, to: end, sha: shaOf(at(from, end)) });
    this.#moveTo(
      tail.from === 0 && head.to < Math.min(FINGERPRINT_BYTES, to) ? printOf(0, Math.min(FINGERPRINT_BYTES, to)) : head,
      printOf(Math.max(tail.from, to - FINGERPRINT_BYTES), to),
      counts,
    );
  }

  /** Position of the current line's end; `later`: not reached in this turn; `nowhere`: not written yet. */
  findLineEnd(scratch: Buffer): { at: number } | 'later' | 'nowhere' {
    const fd = this.#open();
    if (fd === null) return 'nowhere';
    let at = Math.max(this.#searchedTo, this.offset);
    const until = at + SEARCH_BYTES;
    while (at < until) {
      const length = readFully(fd, scratch, at);
      const end = scratch.subarray(0, length).indexOf(10);
      if (end >= 0) return { at: at + end };
      at += length;
      this.#searchedTo = at;
      if (length < scratch.length) return 'nowhere';
    }
    return 'later';
  }

  /** Position behind the last such byte in `[from, to)`, which fits into `scratch`; null: there is none. */
  findLast(scratch: Buffer, byte: number, from: number, to: number): number | null {
    const fd = this.#open();
    const start = Math.max(from, this.offset);
    if (fd === null) return null;
    const length = readFully(fd, scratch.subarray(0, to - start), start);
    const at = scratch.subarray(0, length).lastIndexOf(byte);
    return at < 0 ? null : start + at + 1;
  }

  /** Advances to `to` without the bytes in memory. False if they are no longer there. */
  skipTo(to: number, counts: LineTotals): boolean {
    const from = Math.max(0, to - FINGERPRINT_BYTES);
    const sha = this.readSha(from, to);
    const headTo = Math.min(FINGERPRINT_BYTES, to);
    const headSha = this.readSha(0, headTo);
    if (sha === null || headSha === null) return false;
    this.#moveTo({ from: 0, to: headTo, sha: headSha }, { from, to, sha }, counts);
    return true;
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
    this.#searchedTo = 0;
  }

  #moveTo(head: Fingerprint, tail: Fingerprint, counts: LineTotals): void {
    this.position = { head, tail, ...addLines(this.position, counts) };
    this.#searchedTo = 0;
  }

  #open(): number | null {
    if (this.#fd !== null) return this.#fd;
    const fd = openSync(this.path, 'r');
    // Another file may have got the name since the last scan: the next one handles that.
    if (statOpenFile(fd).id.inode !== this.file.inode) {
      closeSync(fd);
      return null;
    }
    this.#fd = fd;
    return fd;
  }
}
