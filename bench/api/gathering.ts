import { Agent, createServer, request, type ServerResponse } from 'node:http';

/**
 * A peer of the API, in its own process: no framework and no client. Questions in the same turn of the event loop go to
 * Elasticsearch in one msearch, of whose response only the sums are returned.
 */
const [port = ''] = process.argv.slice(2);
/** The API's number of searches per request. */
const MAX_SEARCHES = 32;
const agent = new Agent({ keepAlive: true });
const msearch = new URL(
  '/_msearch?filter_path=responses.aggregations.clicks.value,responses.error.type',
  process.env.ELASTICSEARCH_URL,
);

interface Asked {
  ad: string;
  /** A header and a search, each with its line end. */
  lines: string;
  response: ServerResponse;
}
let waiting: Asked[] = [];

createServer(({ url: path = '' }, response) => {
  if (path === '/nothing') return void send(response, 200, {});
  // As in /direct/ad-minutes-2026-01-01-rt/bench-7?from=1767225600000&to=1767229200000
  const [, , index = '', ad = '', from = '', to = ''] = path.split(/[/?&]/);
  if (waiting.length === 0) setImmediate(flush);
  waiting.push({ ad, lines: linesOf(index, ad, from.slice('from='.length), to.slice('to='.length)), response });
  if (waiting.length === MAX_SEARCHES) flush();
}).listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'));

function linesOf(index: string, ad: string, from: string, to: string): string {
  const range = { minute: { gte: Number(from), lt: Number(to), format: 'epoch_millis' } };
  const search = {
    size: 0,
    track_total_hits: false,
    query: { bool: { filter: [{ term: { ad_id: ad } }, { range }] } },
    aggs: { clicks: { sum: { field: 'clicks' } } },
  };
  return `${JSON.stringify({ index })}\n${JSON.stringify(search)}\n`;
}

function flush(): void {
  const asked = waiting;
  waiting = [];
  if (asked.length > 0)
    ask(asked.map(({ lines }) => lines).join('')).then((text) => answer(asked, text), refuse(asked));
}

function ask(body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-ndjson', 'content-length': Buffer.byteLength(body) };
    const sent = request(msearch, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.once('end', () => resolve(text));
    });
    sent.once('error', reject).end(body);
  });
}

function answer(asked: Asked[], text: string): void {
  const { responses = [] } = JSON.parse(text) as { responses?: { aggregations?: { clicks: { value: number } } }[] };
  for (const [i, { ad, response }] of asked.entries()) {
    const count = responses[i]?.aggregations?.clicks.value;
    if (count === undefined) send(response, 502, { error: text });
    else send(response, 200, { ad_id: ad, count });
  }
}

const refuse = (asked: Asked[]) => (error: Error) => {
  for (const { response } of asked) send(response, 502, { error: error.message });
};

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text) };
  response.writeHead(status, headers).end(text);
}
process.stdin.once('end', () => process.exit(0)).resume();
