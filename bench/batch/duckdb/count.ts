import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { DuckDBInstance } from '@duckdb/node-api';
import { sql } from '../../../infra/sql.ts';

/** The clicks of one Parquet file below offset `rows`, and the file that their counts go to. */
export interface CountRequest {
  clicks: string;
  path: string;
  rows: number;
}

/** What the rebuild is measured beside, as a process of its own: counts what is posted to it, and answers when the result is written. */
const [port = ''] = process.argv.slice(2);
const COUNT = sql('duckdb/bench_count.sql');
const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();
// Nobody asks in which order the counts lie in their file.
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
