import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { DAY_MS, HOUR_MS } from '../../../domain/time.ts';
import { here } from '../../../infra/here.ts';
import { isAlive } from '../../../infra/is_alive.ts';

export type { DuckDBConnection } from '@duckdb/node-api';

export interface Duck {
  connection: DuckDBConnection;
  close(): void;
}

/** For a role or command that runs beside others. */
export const MEMORY_MB = 64;

/** Names of the folders that this process has created. */
const spillFolders = new Set<string>();

const TOUCH_MS = HOUR_MS;
/** Nothing is known of a process elsewhere but that it touches its folders. */
const LEFT_ELSEWHERE_MS = DAY_MS;

/** A folder for data that does not fit into memory. */
export interface SpillFolder {
  path: string;
  remove(): void;
}

/** Creates one below the archive. If this process is killed, a later call removes it. */
export function makeSpillFolder(archiveDir: string): SpillFolder {
  const spills = join(archiveDir, 'spill');
  mkdirSync(spills, { recursive: true });
  const place = here();
  for (const name of readdirSync(spills)) {
    if (isLeft(join(spills, name), place)) rmSync(join(spills, name), { recursive: true, force: true });
  }
  const name = `${place}-${process.pid}-${randomBytes(6).toString('hex')}`;
  const path = join(spills, name);
  mkdirSync(path);
  spillFolders.add(name);
  const touch = setInterval(() => {
    const now = new Date();
    // If it is gone, whoever writes to it next says so.
    utimes(path, now, now).catch(() => {});
  }, TOUCH_MS);
  touch.unref();
  return {
    path,
    remove() {
      clearInterval(touch);
      rmSync(path, { recursive: true, force: true });
    },
  };
}

function isLeft(path: string, place: string): boolean {
  const name = basename(path);
  const [, madeAt, pid] = /^(.+)-(\d+)-[^-]+$/.exec(name) ?? [];
  if (madeAt !== place)
    return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > LEFT_ELSEWHERE_MS;
  // A process that begins again in its container may get the id that it had.
  return Number(pid) === process.pid ? !spillFolders.has(name) : !isAlive(Number(pid));
}

/** DuckDB in this process: reads and writes Parquet. */
export async function openDuck(archiveDir: string, memoryMb: number): Promise<Duck> {
  const spill = makeSpillFolder(archiveDir);
  // Loaded with its first use: commands that seldom need it would start 70 ms later.
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${memoryMb}MB`,
    temp_directory: spill.path,
    threads: '1',
  });
  const connection = await instance.connect();
  return {
    connection,
    close() {
      connection.closeSync();
      instance.closeSync();
      spill.remove();
    },
  };
}

/** For one piece of work: DuckDB keeps its memory until it is closed. */
export async function withDuck<T>(
  archiveDir: string,
  memoryMb: number,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const duck = await openDuck(archiveDir, memoryMb);
  try {
    return await work(duck.connection);
  } finally {
    duck.close();
  }
}
