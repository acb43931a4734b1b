// Loaded with --import into the processes of a platform under test: kills the process, by SIGKILL, at the exact
// failpoint that an order names. The code under test is unchanged: events are its operations on files, Kafka,
// ClickHouse and Elasticsearch. An order is a file `<process>.json`, and is obeyed once.
import diagnostics from 'node:diagnostics_channel';
import fs from 'node:fs';
import http from 'node:http';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { obeyClock } from './wrong_clock.mjs';

const SIGNAL_MS = 1_000;
const folder = process.env.CLICKLEDGER_KILL_ORDERS;
const [, , command, role] = process.argv;
const self = command === 'run' ? role : command;
/** A run's events in the ledger look alike from outside: the one after its count is the commit point. */
let hasCounted = false;
/** Likewise for a replay's rows: the one after its commit point marks it as done. */
let hasDecided = false;

if (folder !== undefined && ['run', 'rebuild', 'replay', 'restore'].includes(command)) {
  watchFiles();
  watchKafka();
  watchHttp();
  // A full disk is a limit on the size of its files: then writing fails, instead of ending the process.
  process.on('SIGXFSZ', () => {});
  if (command === 'run') obeyClock(join(folder, `clock-${role}.json`));
}

/**
 * The one place where a process is killed (or stopped). `event`: an operation that is about to start, or has just
 * ended.
 */
function reached(event) {
  const path = join(folder, `${self}.json`);
  if (!fs.existsSync(path)) return;
  const order = JSON.parse(fs.readFileSync(path, 'utf8'));
  if (order.event !== event) return;
  fs.unlinkSync(path);
  process.kill(process.pid, order.signal);
  // A process with several threads may run on for a moment before the signal takes effect.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SIGNAL_MS);
}

function around(what, act) {
  reached(`before ${what}`);
  const result = act();
  if (typeof result?.then !== 'function') {
    reached(`after ${what}`);
    return result;
  }
  return result.then((value) => {
    reached(`after ${what}`);
    return value;
  });
}

function watchFiles() {
  const { linkSync, renameSync, promises } = fs;
  const { open } = promises;
  fs.linkSync = (from, to) => {
    around(`link ${kindOf(to)}`, () => linkSync(from, to));
    hasDecided ||= kindOf(to) === 'replay-ended';
  };
  fs.renameSync = (from, to) => {
    around(`rename ${kindOf(to)}`, () => renameSync(from, to));
    hasCounted ||= kindOf(to) === 'counted';
  };
  promises.open = async (path, ...rest) => {
    const file = await open(path, ...rest);
    if (!String(path).includes('journal.jsonl')) return file;
    const datasync = file.datasync.bind(file);
    file.datasync = () => around('checkpoint', datasync);
    return file;
  };
  syncBuiltinESMExports();
}

function kindOf(path) {
  if (path.includes('/manifests/')) return 'manifest';
  if (path.endsWith('.parquet')) return 'parquet';
  if (path.endsWith('-counted.json')) return 'counted';
  if (path.endsWith('/followed.json')) return 'followed';
  if (path.includes('/runs-ledger/') || path.includes('/register/runs/')) return 'run';
  if (path.includes('/register/ledger/')) return hasCounted ? 'published' : 'ledger';
  if (path.includes('/replays/begun/')) return 'replay-begun';
  if (path.includes('/replays/ended/')) return 'replay-ended';
  if (path.includes('/restores/begun/clickhouse/')) return 'restore-begun';
  if (path.includes('/restores/ended/clickhouse/')) return 'restore-ended';
  if (path.includes('/restores/begun/kafka/')) return 'kafka-lost';
  if (path.includes('/stores/kafka/')) return 'kafka-taken';
  if (path.includes('/restores/ended/kafka/')) return 'kafka-replaced';
  if (path.includes('/register/logs/')) return 'log-name';
  if (path.includes('/batch_runs/')) return 'batch-runs';
  if (path.includes('/flush-requests/')) return 'flush-request';
  return 'file';
}

function watchKafka() {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/broker');
  const { produce, offsetCommit } = prototype;
  prototype.produce = function (request) {
    return around(`produce ${contentOf(clicksFirst(request.topicData))}`, () => produce.call(this, request));
  };
  prototype.offsetCommit = function (request) {
    const { metadata } = request.topics[0]?.partitions[0] ?? {};
    const isIntent = /"pending":\d/.test(metadata ?? '');
    return around(isIntent ? 'intent' : 'commit', () => offsetCommit.call(this, request));
  };
}

/** A batch of the log monitor has events of several kinds. */
const clicksFirst = (topics) => topics.find(({ topic }) => topic === 'clicks') ?? topics[0];

/** `clicks`, or the kind of a message of the second queue. */
function contentOf({ topic, partitions }) {
  if (topic !== 'ad-minutes') return topic;
  const [message] = partitions[0]?.messages ?? [];
  return JSON.parse(String(message?.value)).kind;
}

function watchHttp() {
  // ClickHouse's client uses node:http (whose diagnostics report a request only once it is sent) …
  const { request } = http;
  http.request = (url, ...rest) => {
    if (url instanceof URL) reached(told('before', url.pathname + url.search));
    return request(url, ...rest);
  };
  syncBuiltinESMExports();
  diagnostics.subscribe('http.client.response.finish', ({ request }) => reached(told('after', request.path)));
  // … Elasticsearch's uses undici. A document that is only read is no step.
  const pathOf = ({ method, path }) => (method === 'GET' ? '' : path);
  diagnostics.subscribe('undici:request:create', ({ request }) => reached(told('before', pathOf(request))));
  diagnostics.subscribe('undici:request:headers', ({ request }) => reached(told('after', pathOf(request))));
}

function told(phase, path) {
  const [, of, step] = /query_id=clickledger-(replay|exchange|restore)-\w+-(\w+)-/.exec(path) ?? [];
  if (of !== undefined) return `${phase} ${of} ${step}`;
  const insert = /INSERT\+INTO\+(\w+)/.exec(path.replaceAll('%20', '+'))?.[1];
  if (insert === 'replays' && hasDecided) return `${phase} insert done`;
  if (insert !== undefined) return `${phase} insert ${insert === 'ledger' && hasCounted ? 'published' : insert}`;
  if (path.startsWith('/_bulk')) return `${phase} bulk`;
  if (path.startsWith('/_aliases')) return `${phase} alias`;
  return path.includes('/boundary-') ? `${phase} boundary` : phase;
}
