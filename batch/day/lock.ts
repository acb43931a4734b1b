import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { createExclusively, jsonText, readJsonIfThere, writeJsonAtomically } from '../../infra/files.ts';
import { here } from '../../infra/here.ts';
import { isAlive } from '../../infra/is_alive.ts';
import type { Log } from '../../infra/log.ts';
import { lastNumber, numbered, type Register } from '../../infra/register/register.ts';

/** Another process holds the day's lock, or has recorded something of the day meanwhile. */
export class DayBusyError extends Error {}

const holder = z.object({ token: z.string(), host: z.string(), pid: z.int() });
/** The holder's file: `released` is its end, and its time of modification the holder's last sign of life. */
const lockFile = z.object({ ...holder.shape, released: z.boolean() });
type LockFile = z.infer<typeof lockFile>;

/** Where locks are taken, and where their holders show that they live. */
export interface LockSite {
  register: Register;
  archiveDir: string;
}

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
 * One process at a time works on a day. Locks of a day have increasing numbers, each created in the register: the highest
 * counts, so taking over a dead holder's lock means creating the next number, in which only one can succeed. A holder is
 * dead when its process has ended or, seen from another machine or container, when it has not written its file for a
 * minute. A holder that was only stalled may not notice that in time: what it then records of a run is refused by the
 * register, because the number of its event is taken (batch/run/ledger.ts).
 */
export async function lockDay({ register, archiveDir }: LockSite, day: string): Promise<DayLock> {
  const folder = join(archiveDir, 'locks', day);
  mkdirSync(folder, { recursive: true });
  // A release before the register left its locks as files only.
  const last = Math.max(lastNumber(await register.list(`locks/${day}/`)), numbersIn(folder).at(-1) ?? 0);
  const busy = last === 0 ? null : await holderOf(register, folder, day, last);
  if (busy) throw new DayBusyError(`${day} is being worked on by process ${busy.pid} on ${busy.host}`);

  const token = randomUUID();
  const number = last + 1;
  const own = { token, host: here(), pid: process.pid };
  if ((await register.create(keyOf(day, number), own)) === 'taken') {
    throw new DayBusyError(`${day} was just taken by another process`);
  }
  held.add(token);
  const path = join(folder, `${number}.json`);
  const file: LockFile = { ...own, released: false };
  writeJsonAtomically(path, file);
  for (const older of numbersIn(folder)) if (older < number) rmSync(join(folder, `${older}.json`), { force: true });
  const isLast = () => numbersIn(folder).at(-1) === number;
  const beat = setInterval(() => writeAgain(path, file), BEAT_MS);
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

/** Works on a day while holding its lock; while another process does, it says so in the log and leaves the day alone. */
export async function lockedUnlessBusy(
  site: LockSite & { log: Pick<Log, 'info'> },
  day: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    const lock = await lockDay(site, day);
    await work().finally(() => lock.release());
  } catch (error) {
    if (!(error instanceof DayBusyError)) throw error;
    site.log.info(error.message);
  }
}

const keyOf = (day: string, number: number): string => `locks/${day}/${numbered(number)}`;

const numbersIn = (folder: string): number[] =>
  readdirSync(folder)
    .filter((name) => /^\d+\.json$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);

/** The holder of this number; null if it has released the lock or is dead. */
async function holderOf(register: Register, folder: string, day: string, number: number): Promise<LockFile | null> {
  const path = join(folder, `${number}.json`);
  const file = readJsonIfThere(lockFile, path) ?? (await withoutFile(register, path, day, number));
  if (file === null || file.released) return null;
  const ended = file.host === here() && (file.pid === process.pid ? !held.has(file.token) : !isAlive(file.pid));
  return ended || silentMs(path) > STALE_MS ? null : file;
}

/** A holder whose file is not there was killed before it wrote it, or is about to: its minute begins now. */
async function withoutFile(register: Register, path: string, day: string, number: number): Promise<LockFile | null> {
  const found = await register.read(holder, keyOf(day, number));
  // Not in the register either: its next holder has just removed the file.
  if (found === null) return null;
  const file = { ...found, released: false };
  createExclusively(path, file);
  return file;
}

/**
 * For how long a file was not written. Both times are of the file system's clock, which may be a server's: this machine's
 * own would take every lock of the others at once if it were a minute ahead.
 */
function silentMs(path: string): number {
  const now = `${path}.${randomUUID()}.now`;
  try {
    writeFileSync(now, '');
    return statSync(now).mtimeMs - statSync(path).mtimeMs;
  } catch (error) {
    // Taken over and removed.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Number.POSITIVE_INFINITY;
    throw error;
  } finally {
    rmSync(now, { force: true });
  }
}

/** The same bytes again, so that nobody reads a part of them, and the file system notes the time. */
function writeAgain(path: string, file: LockFile): void {
  try {
    const fd = openSync(path, 'r+');
    try {
      writeSync(fd, jsonText(file), 0);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    // Taken over and removed: assertHeld() will report it.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
