import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { ALL_CLICKS_ROWS } from '../../serving/documents/rows.ts';
import { minutesOf } from '../minutes.ts';

/**
 * The ceiling of what Elasticsearch accepts, in its own process: the same documents under the same ids, encoded before
 * the clock starts and posted unchanged over two connections.
 */
const CONNECTIONS = 2;
const DOCUMENTS = 5_000;
const [index = '', startMs = '', rows = '', ads = '', size = DOCUMENTS] = process.argv.slice(2);

function* bodies(): Generator<Buffer> {
  let lines: string[] = [];
  for (const [minute, ad, country, clicks] of minutesOf(Number(startMs), Number(rows), Number(ads))) {
    const document = { minute, ad_id: ad, country, filter_id: ALL_CLICKS_ROWS, clicks };
    lines.push(`{"index":{"_id":"${minute}:${country}:${ad}"}}\n${JSON.stringify(document)}\n`);
    if (lines.length < Number(size)) continue;
    yield Buffer.from(lines.join(''));
    lines = [];
  }
  if (lines.length > 0) yield Buffer.from(lines.join(''));
}

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
const bulk = new URL(`/${index}/_bulk?filter_path=errors,items.*.error`, process.env.ELASTICSEARCH_URL);

async function post(body: Buffer): Promise<void> {
  const answer = await new Promise<string>((resolve, reject) => {
    const headers = { 'content-type': 'application/x-ndjson', 'content-length': body.length };
    const sent = request(bulk, { method: 'POST', agent, headers }, (response) => resolve(text(response)));
    sent.once('error', reject).end(body);
  });
  if (JSON.parse(answer).errors !== false) throw new Error(answer.slice(0, 1_000));
}

const waiting = [...bodies()].values();
process.stdout.write('begins\n');
await Promise.all(
  Array.from({ length: CONNECTIONS }, async () => {
    for (const body of waiting) await post(body);
  }),
);
agent.destroy();
process.stdout.write('done\n');
// Until then its resource usage can be read.
process.stdin.once('end', () => process.exit(0)).resume();
