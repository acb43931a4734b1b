import { statSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import type { Found, Listed } from './discover.ts';
import { bytesAt } from './files.ts';
import { type Fingerprint, shaOf } from './fingerprint.ts';
import type { LogWarning } from './log_findings.ts';
import type { Tail } from './tail.ts';

interface LastSeen {
  /** Bytes that were seen and not read; null: the monitor was away. */
  unread: number | null;
  /** Last change of the file (epoch ms). */
  changedMs: number | null;
}

interface Scan {
  isAttached: (tail: Tail) => boolean;
  listed: Listed[];
  compressed: Found[];
}

/** Generations whose files are gone, until it is clear whether bytes were lost with them. */
export class LostFiles {
  readonly #graceMs: number;
  readonly #warn: (warning: LogWarning) => void;
  readonly #lost = new Map<Tail, LastSeen & { atMs: number }>();

  /** @param graceMs how long a file may be away: it is renamed, or copied before it is truncated */
  constructor(graceMs: number, warn: (warning: LogWarning) => void) {
    this.#graceMs = graceMs;
    this.#warn = warn;
  }

  add(tail: Tail, seen: LastSeen, nowMs: number): void {
    this.#lost.set(tail, { ...seen, atMs: nowMs });
  }

  /** A file with its bytes is there again. */
  found(tail: Tail): void {
    this.#lost.delete(tail);
    this.#warn({ code: 'log_found', generation: tail.id });
  }

  assess(scan: Scan, nowMs: number): void {
    for (const [tail, seen] of this.#lost) {
      if (scan.isAttached(tail)) this.#lost.delete(tail);
      else if (nowMs - seen.atMs >= this.#graceMs) {
        this.#lost.delete(tail);
        this.#judge(tail, seen, scan);
      }
    }
  }

  #judge(tail: Tail, { unread, changedMs }: LastSeen, { listed, compressed }: Scan): void {
    const isLive = tail.path === tail.log;
    // A rotated file that was read to its end has been removed, as rotated files are.
    if (unread === 0 && !isLive) return;
    const beside = compressed.filter(({ log }) => log === tail.log).map(({ path }) => path);
    const gzip = beside.map((path) => gzipOf(path, tail)).find((found) => found !== null);
    if (gzip) {
      if (gzip.bytes > 0) this.#say(tail, gzip.bytes, gzip.path, gzip.changedMs);
    } else if (unread !== null) {
      if (unread > 0) this.#say(tail, unread, null, changedMs);
    } else if (isLive && (beside.length > 0 || listed.some(({ path }) => path === tail.log))) {
      // Without a trace of a rotation it is not known that the folder is there at all: a volume may come back.
      this.#say(tail, null, beside.find((path) => !path.endsWith('.gz')) ?? null, null);
    }
  }

  #say(tail: Tail, bytes: number | null, compressed: string | null, changedMs: number | null): void {
    const bornMs = tail.file.born === '' ? null : Number(BigInt(tail.file.born) / 1_000_000n);
    this.#warn({
      code: 'log_unread',
      generation: tail.id,
      path: tail.path,
      offset: tail.offset,
      bytes,
      compressed,
      bornMs,
      changedMs,
    });
  }
}

const HEAD_BYTES = 4096;
const SIZES = 2 ** 32;

/** Bytes behind the position of a generation in a gzip file that begins with its bytes; null: it is another one. */
function gzipOf(
  path: string,
  { head, offset }: { head: Fingerprint; offset: number },
): { path: string; bytes: number; changedMs: number } | null {
  try {
    const { size, mtimeMs } = statSync(path);
    const [first, last] = [bytesAt(path, 0, Math.min(HEAD_BYTES, size)), bytesAt(path, Math.max(0, size - 4), 4)];
    const text = gunzipSync(first, { finishFlush: constants.Z_SYNC_FLUSH });
    if (text.length < head.to || shaOf(text.subarray(0, head.to)) !== head.sha) return null;
    // The format has the size modulo 2^32.
    const bytes = (last.readUInt32LE() - (offset % SIZES) + SIZES) % SIZES;
    const isWhole = offset >= SIZES || last.readUInt32LE() >= offset;
    return isWhole ? { path, bytes, changedMs: mtimeMs } : null;
  } catch (error) {
    // Gone meanwhile, not to be read, or no gzip file.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return null;
  }
}
