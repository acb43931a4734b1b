import { availableParallelism } from 'node:os';
import { createClient } from '@clickhouse/client';
import { expect, inject, test } from 'vitest';
import { askAsPage, FOREIGN_ELEMENT, FOREIGN_PAGE, reboundPage } from '../../../test/support/page.ts';
import { readConfig } from '../../config.ts';

const { ports, urls } = readConfig(inject('env'));
const port = ports.clickhouse;
const own = { host: `127.0.0.1:${port}`, origin: `http://127.0.0.1:${port}` };
const ask = (settings: string, headers = {}) =>
  askAsPage(port, `/?user=analyst&${settings}`, headers, { method: 'POST', body: 'SELECT 1' });

// These settings belong to the embedded server.
const isEmbedded = urls.clickhouse === undefined;

test.runIf(isEmbedded).each([
  'add_http_cors_header=0',
  "http_response_headers={'Access-Control-Allow-Origin':'*'}",
  'readonly=0',
  'readonly=1',
  'max_memory_usage=0',
  'max_memory_usage=2000000001',
  'max_memory_usage_for_user=0',
  'max_execution_time=0',
  'max_execution_time=301',
  'max_threads=64',
  // 0: as many as there are cores; with a single core that is within the limit.
  ...(availableParallelism() > 1 ? ['max_threads=0'] : []),
])('the analyst cannot set %s', async (settings) => {
  const { status, body } = await ask(encodeURI(settings));
  expect(status).toBe(500);
  expect(body).toMatch(/^Code: (452|164)\./);
});

test.runIf(isEmbedded).each(['max_memory_usage=1000000', 'max_execution_time=10', 'max_threads=1'])(
  'the analyst may set %s',
  async (settings) => {
    expect(await ask(settings)).toMatchObject({ status: 200, body: '1\n' });
  },
);

test.runIf(isEmbedded)('no response to the analyst has a header that lets pages of other sites read it', async () => {
  for (const origin of ['http://evil.example', 'null', own.origin, 'http://localhost:3000']) {
    const { headers } = await ask('add_http_cors_header=1', { ...own, origin });
    expect([origin, headers['access-control-allow-origin']]).toEqual([origin, undefined]);
  }
});

test.runIf(isEmbedded).each(['/', '/?user=analyst&query=SELECT%201', '/query?user=analyst&query=SELECT%201', '/play'])(
  'a page of another site does not get %s',
  async (path) => {
    const isQuestion = path.includes('query');
    expect((await askAsPage(port, path, own)).status).toBe(200);
    const kinds = [FOREIGN_PAGE, ...(isQuestion ? [{ ...FOREIGN_ELEMENT, origin: '' }] : [])];
    for (const headers of [...kinds, reboundPage(port), { ...own, host: `localhost.evil.example:${port}` }]) {
      const { status, body } = await askAsPage(port, path, { ...own, ...headers });
      expect(status).toBe(403);
      if (isQuestion) expect(body).not.toMatch(/^1$/m);
    }
  },
);

test.runIf(isEmbedded)('the page /play queries as the analyst, also through a forwarded port', async () => {
  const asked =
    'add_http_cors_header=1&default_format=JSONCompact&enable_http_compression=1&use_query_cache=1&extremes=1';
  for (const name of [`127.0.0.1:${port}`, 'localhost:9999', `[::1]:${port}`]) {
    const answer = await ask(asked, { host: name, origin: `http://${name}`, authorization: 'never' });
    expect([answer.status, JSON.parse(answer.body).data]).toEqual([200, [[1]]]);
  }
});

test("ClickHouse's own client works as the analyst", async () => {
  const client = createClient({
    url: urls.clickhouse?.url ?? `http://127.0.0.1:${port}`,
    username: 'analyst',
    password: '',
  });
  try {
    expect(await client.ping()).toMatchObject({ success: true });
    const rows = await client.query({
      query: 'SELECT toUInt8(count() >= 0) AS ok FROM ads.clicks',
      format: 'JSONEachRow',
    });
    expect(await rows.json()).toEqual([{ ok: 1 }]);
  } finally {
    await client.close();
  }
});
