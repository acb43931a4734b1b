import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../infra/supervisor/ports.ts';
import type { Running } from '../process.ts';
import type { BenchSite } from '../site.ts';
import type { ArchivedDay } from './day.ts';
import type { CountRequest } from './duckdb/count.ts';

const COUNT = fileURLToPath(new URL('duckdb/count.ts', import.meta.url));

/** DuckDB on all cores, in a long-running process, like Spark. */
export class DuckDb {
  readonly process: Running;
  readonly #url: string;

  private constructor(process: Running, url: string) {
    this.process = process;
    this.#url = url;
  }

  static async start(site: BenchSite): Promise<DuckDb> {
    const port = await freePort();
    const running = site.startProgram('duckdb', COUNT, [String(port)]);
    await running.says('listening');
    return new DuckDb(running, `http://127.0.0.1:${port}`);
  }

  /** Counts the clicks of a day into a folder. Returns the file. */
  async count({ file, rows }: ArchivedDay, folder: string): Promise<string> {
    const path = join(folder, 'duckdb.parquet');
    const body: CountRequest = { clicks: file, path, rows };
    const response = await fetch(this.#url, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`DuckDB: ${await response.text()}`);
    return path;
  }
}
