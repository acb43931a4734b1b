import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { DuckDBInstance } from '@duckdb/node-api';
import { sql } from '../../../infra/sql.ts';

/** The clicks of one Parquet file below offset `rows`, and the file for their counts. */
export interface CountRequest {
  clicks: string;
  path: string;
  rows: number;
}

/** A peer of the rebuild, in its own process: counts on each POST, and answers when the result is written. */
const [port = ''] = process.argv.slice(2);
const COUNT = sql('duckdb/bench_count.sql');
const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();
// The order of the counts in their file does not matter.
await connection.run('SET preserve_insertion_order = false');

createServer(async (request, response) => {
  try {
    const { clicks, path, rows } = JSON.parse(await text(request)) as CountRequest;
    await connection.run(COUNT, { clicks, path, rows });
    response.end();
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
}).listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'));
process.stdin.once('end', () => process.exit(0)).resume();
