import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { createExclusively, readJson, writeJsonAtomically } from '../../infra/files.ts';
import { isAlive } from '../../infra/is_alive.ts';

/** Another process holds the day's lock. */
export class DayBusyError extends Error {}

const lockFile = z.object({ token: z.string(), host: z.string(), pid: z.int().min(1), released: z.boolean() });
type LockFile = z.infer<typeof lockFile>;

export interface DayLock {
  /** Throws if the lock was taken over because this process had not refreshed it for long. */
  assertHeld(): void;
  release(): void;
}

const BEAT_MS = 5_000;
const STALE_MS = 60_000;

/** Locks of this process, by token: a lock file with our own pid that is not among them is from an earlier process. */
const held = new Set<string>();

/**
 * One process at a time works on a day. Locks of a day are files with increasing numbers, each created exclusively: the
 * highest counts, so taking over a dead holder's lock means creating the next number, in which only one can succeed (a
 * single file would have to be removed first, and might already belong to another process by then). A holder is dead
 * when its process has ended or, seen from another machine, when it has not touched its file for a minute; one that was
 * only stalled detects that with assertHeld() before it commits anything.
 */
export function lockDay(archiveDir: string, day: string): DayLock {
  const folder = join(archiveDir, 'locks', day);
  mkdirSync(folder, { recursive: true });
  const last = numbersIn(folder).at(-1) ?? 0;
  const holder = last === 0 ? null : holderOf(join(folder, `${last}.json`));
  if (holder) throw new DayBusyError(`${day} is being worked on by process ${holder.pid} on ${holder.host}`);

  const token = randomUUID();
  const number = last + 1;
  const path = join(folder, `${number}.json`);
  const file: LockFile = { token, host: hostname(), pid: process.pid, released: false };
  if (!createExclusively(path, file)) throw new DayBusyError(`${day} was just taken by another process`);
  held.add(token);
  for (const older of numbersIn(folder)) if (older < number) rmSync(join(folder, `${older}.json`), { force: true });
  const isLast = () => numbersIn(folder).at(-1) === number;
  const beat = setInterval(() => touch(path), BEAT_MS);
  beat.unref();
  return {
    assertHeld() {
      if (!isLast()) throw new DayBusyError(`the lock of ${day} was taken over by another process`);
    },
    release() {
      clearInterval(beat);
      held.delete(token);
      // The file is kept: processes that have just read it must find the next number.
      if (isLast()) writeJsonAtomically(path, { ...file, released: true });
    },
  };
}

const numbersIn = (folder: string): number[] =>
  readdirSync(folder)
    .filter((name) => /^\d+\.json$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);

/** The holder according to this lock file; null if it was released or its holder is dead. */
function holderOf(path: string): LockFile | null {
  let file: LockFile;
  let touchedMs: number;
  try {
    file = readJson(lockFile, path);
    touchedMs = statSync(path).mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  if (file.released) return null;
  const here = file.host === hostname();
  const ended = here && (file.pid === process.pid ? !held.has(file.token) : !isAlive(file.pid));
  return ended || Date.now() - touchedMs > STALE_MS ? null : file;
}

function touch(path: string): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch (error) {
    // Taken over and removed: assertHeld() will report it.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
