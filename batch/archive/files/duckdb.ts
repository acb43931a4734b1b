import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
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

/**
 * Creates a folder below the archive for data that does not fit into memory. The caller removes it; if this process is
 * killed, the next call does.
 */
export function makeSpillFolder(archiveDir: string): string {
  const spills = join(archiveDir, 'spill');
  mkdirSync(spills, { recursive: true });
  for (const name of readdirSync(spills)) {
    const [, host, pid] = /^(.+)-(\d+)-[^-]+$/.exec(name) ?? [];
    // In a container the previous process had the same process id.
    const isOurs = Number(pid) === process.pid;
    const isLeft = isOurs ? !spillFolders.has(name) : !isAlive(Number(pid));
    if (host === hostname() && isLeft) rmSync(join(spills, name), { recursive: true, force: true });
  }
  const name = `${hostname()}-${process.pid}-${randomBytes(6).toString('hex')}`;
  mkdirSync(join(spills, name));
  spillFolders.add(name);
  return join(spills, name);
}

/** DuckDB in this process: reads and writes Parquet. */
export async function openDuck(archiveDir: string, memoryMb: number): Promise<Duck> {
  const spill = makeSpillFolder(archiveDir);
  // Loaded with its first use: commands that seldom need it would start 70 ms later.
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${memoryMb}MB`,
    temp_directory: spill,
    threads: '1',
  });
  const connection = await instance.connect();
  return {
    connection,
    close() {
      connection.closeSync();
      instance.closeSync();
      rmSync(spill, { recursive: true, force: true });
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
