import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { isAlive } from '../../infra/is_alive.ts';

export type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';

export interface Duck {
  connection: DuckDBConnection;
  close(): void;
}

/** Of a role or command that runs beside others. */
export const MEMORY_MB = 64;

let opened = 0;

/**
 * DuckDB inside this process: what reads and writes Parquet. What does not fit into its memory is spilled into a folder
 * below the archive, which is removed at the end, or by the next one to open if this process is killed.
 */
export async function openDuck(archiveDir: string, memoryMb: number): Promise<Duck> {
  const spills = join(archiveDir, 'spill');
  mkdirSync(spills, { recursive: true });
  for (const name of readdirSync(spills)) {
    const [, host, pid] = /^(.+)-(\d+)-\d+$/.exec(name) ?? [];
    if (host === hostname() && !isAlive(Number(pid))) rmSync(join(spills, name), { recursive: true, force: true });
  }
  opened += 1;
  const spill = join(spills, `${hostname()}-${process.pid}-${opened}`);
  mkdirSync(spill, { recursive: true });
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

/** For one piece of work: what DuckDB has used stays with the process until it is closed. */
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
