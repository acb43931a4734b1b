// ClickHouse's own HTTP server, run from its library: node runner.mjs <library folder> <data folder> <config file>
// <port> Ends on SIGTERM or when standard input ends (its parent has ended). Run it in a separate process.
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const STOP_LIMIT_MS = 9_000;
const [library, data, config, port] = process.argv.slice(2);
const requireFromLibrary = createRequire(join(library, 'package.json'));
const { open, load, DataType } = requireFromLibrary('ffi-rs');

mkdirSync(data, { recursive: true });
// The server lives as long as the library call that started it. That call continues with a second file of queries, a
// pipe: it blocks there until the other end is opened and closed.
const startListening = join(data, 'start.sql');
writeFileSync(startListening, 'SYSTEM START LISTEN HTTP;\n');
const pipe = join(data, 'stop.fifo');
rmSync(pipe, { force: true });
execFileSync('mkfifo', ['-m', '600', pipe]);

let stopping = false;
process.once('SIGTERM', stop);
process.stdin.once('end', stop).once('error', stop).resume();

const args = [
  'clickhouse',
  ...[`--path=${data}`, `--config-file=${config}`, '--log-level=warning'],
  ...['--listen_host=127.0.0.1', `--http_port=${port}`],
  ...['--queries-file', startListening, pipe],
];
open({ library: 'chdb', path: requireFromLibrary.resolve('@chdb/lib-linux-x64-gnu/libchdb.so') });
load({
  library: 'chdb',
  funcName: 'chdb_query_cmdline',
  retType: DataType.External,
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [args.length, args],
  runInNewThread: true,
}).finally(() => {
  if (stopping) process.exit(0);
  abandon('the server ended by itself: see the lines above');
});

function stop() {
  if (stopping) return;
  stopping = true;
  setTimeout(() => abandon(`not stopped after ${STOP_LIMIT_MS / 1000} s`), STOP_LIMIT_MS).unref();
  try {
    closeSync(openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK));
  } catch {
    abandon('stopped before it had started');
  }
}

/** An orderly exit would run the library's clean-up while its threads still use it. */
function abandon(reason) {
  process.stderr.write(`${reason}\n`);
  process.kill(process.pid, 'SIGKILL');
}
