import { request } from 'node:http';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { adUrl, get } from '../../test/support/api/get.ts';
import { startWorld, type World } from '../../test/support/api/server.ts';
import { DAYS, FIRST_MS, LAST_MS, plainCounts } from '../../test/support/api/world.ts';

let world: World;
let api = '';
let held = '';
beforeAll(async () => {
  world = await startWorld(inject('env'), 'injection-test');
  api = await world.serve();
  held = await holdings();
});
afterAll(() => world.stop());

/** Everything that an injected statement could have changed or returned; other tests have tables for a while. */
async function holdings(): Promise<string> {
  const days = Object.values(DAYS)
    .map((day) => `'${day}'`)
    .join(', ');
  const query = `SELECT (SELECT count() FROM ads.clicks WHERE toDate(click_timestamp) IN (${days})) AS clicks,
    (SELECT count() FROM ads.ledger WHERE date IN (${days})) AS events,
    (SELECT count() FROM system.tables WHERE database = 'ads' AND NOT match(name, '_[0-9a-f]{8}$')) AS tables`;
  const rows = await (await world.clickhouse.query({ query, format: 'JSONEachRow' })).json();
  const { body } = await get(adUrl(api, `${world.prefix}/a`, 'aggregated_count', { from: FIRST_MS, to: LAST_MS }));
  return JSON.stringify([rows, body.count]);
}

const PAYLOADS = [
  "' OR 1=1 --",
  "'; DROP TABLE ads.clicks; --",
  "') UNION ALL SELECT 1, sleepEachRow(3) --",
  "x' AND (SELECT count() FROM ads.clicks) > 0 OR 'a'='a",
  "\\' OR 1=1 --",
  '\\',
  '{ad_id:String}',
  '*',
  'ad_id:* OR _exists_:clicks',
  '{"match_all":{}}',
  '"}}},{"match_all":{}},{"term":{"ad_id":{"value":"',
  '$gt',
  '../../../etc/passwd',
  '..%2f..%2f_cluster%2fsettings',
  '_all',
  'a\r\nSet-Cookie: stolen=1',
  'a\0b',
  '\u202egnp.exe',
  'a\ufeff',
  `\${jndi:ldap://127.0.0.1/a}`,
  '{{7*7}}',
  '__proto__',
  'undefined',
  '1e999',
];

const [RANGE, AD] = [`from=${FIRST_MS}&to=${LAST_MS}`, '/v1/ads/x/aggregated_count'];
/** Free-text parameters with values that no click has. */
const TEXTS: [parameter: string, url: (value: string) => string][] = [
  ['ad_id of a count', (value) => `/v1/ads/${value}/aggregated_count?${RANGE}`],
  ['ad_id as of a time', (value) => `/v1/ads/${value}/aggregated_count?${RANGE}&as_of=${LAST_MS}`],
  ['ad_id of a series', (value) => `/v1/ads/${value}/series?${RANGE}&size=86400`],
  ['ad_id of sessions', (value) => `/v1/ads/${value}/sessions?${RANGE}`],
  ['user_id of a count', (value) => `/v1/ads/x/aggregated_count?${RANGE}&user_id=${value}`],
  ['not_user_id of a count', (value) => `/v1/ads/x/aggregated_count?${RANGE}&not_user_id=${value}`],
  ['user_id of sessions', (value) => `/v1/ads/x/sessions?${RANGE}&user_id=${value}`],
  ['prefix of ads', (value) => `/v1/ads?prefix=${value}`],
  ['after of ads', (value) => `/v1/ads?prefix=no%20such%20ad&after=${value}`],
  ['user_id of popular ads', (value) => `/v1/ads/popular_ads?at=${LAST_MS}&window=8640&user_id=${value}`],
];
/** Parameters with a fixed format: no other value reaches an engine. */
const FORMS: [parameter: string, url: (value: string) => string][] = [
  ...['from', 'to', 'as_of', 'country', 'ip', 'not_country', 'not_ip', 'filter', 'no_such'].map(
    (name): [string, (value: string) => string] => [name, (value) => `${AD}?${name}=${value}`],
  ),
  ...['size', 'hop', 'country', 'ip'].map((name): [string, (value: string) => string] => [
    `${name} of a series`,
    (value) => `/v1/ads/x/series?${name}=${value}`,
  ]),
  ...['gap', 'limit', 'offset', 'ip'].map((name): [string, (value: string) => string] => [
    `${name} of sessions`,
    (value) => `/v1/ads/x/sessions?${name}=${value}`,
  ]),
  ...['count', 'window', 'at', 'country', 'ip'].map((name): [string, (value: string) => string] => [
    `${name} of popular ads`,
    (value) => `/v1/ads/popular_ads?${name}=${value}`,
  ]),
  ...['date', 'request'].map((name): [string, (value: string) => string] => [
    `${name} of runs`,
    (value) => `/v1/runs?${name}=${value}`,
  ]),
  ...['by', 'metrics', 'order', 'tz', 'names', 'snapshot'].map((name): [string, (value: string) => string] => [
    `${name} of a report`,
    (value) => `/v1/report?${RANGE}&${name}=${value}`,
  ]),
  ['limit of ads', (value) => `/v1/ads?limit=${value}`],
  ['the id of a filter', (value) => `/v1/filters/${value}`],
  ['the day of a reconciliation', (value) => `/v1/reconciliations/${value}`],
  ['the name of a parameter', (value) => `${AD}?${value}=1`],
];

test.each(TEXTS)('%s is plain text, whatever it contains', async (_, url) => {
  for (const payload of PAYLOADS) {
    const { status, body, headers } = await get(api + url(encodeURIComponent(payload)));
    expect([payload, status]).toEqual([payload, isField(payload) ? 200 : 400]);
    if (status === 200) expect([payload, body.count ?? body.total ?? sumOf(body)]).toEqual([payload, 0]);
    expect(headers.get('set-cookie')).toBeNull();
  }
  expect(await holdings()).toBe(held);
});
/** No click contains control characters. */
const isField = (text: string): boolean => !/[\0\r]/.test(text);
const sumOf = ({ points, ads }: { points?: { count: number }[]; ads?: { count: number }[] }): number =>
  (points ?? ads ?? []).reduce((sum, { count }) => sum + count, 0);

test.each(FORMS)('%s has a format, and anything else is refused', async (_, url) => {
  for (const payload of PAYLOADS) {
    const { status, type } = await get(api + url(encodeURIComponent(payload)));
    expect([payload, status, type]).toEqual([payload, 400, 'application/problem+json; charset=utf-8']);
  }
  expect(await holdings()).toBe(held);
});

test.each([
  ['from', { from: '%', to: '2004-01-02', reason: 'injection test' }],
  ['to', { from: '2004-01-01', to: '%', reason: 'injection test' }],
  ['a member', { from: '2004-01-01', to: '2004-01-02', reason: 'injection test', '%': 1 }],
])('%s of a request for runs has a format', async (_, body) => {
  for (const payload of [...PAYLOADS, { $gt: '' }, ['2004-01-01'], null, 1]) {
    if (typeof payload !== 'string' && '%' in body) continue;
    const text = JSON.stringify(body).replace('"%"', JSON.stringify(payload));
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: text };
    expect([text, (await get(`${api}/v1/runs`, init)).status]).toEqual([text, 400]);
  }
});

test('the name of a filter is plain text, and its conditions have a format', async () => {
  const url = `${api}/v1/filters/1999888777`;
  const put = (body: unknown) =>
    get(url, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  for (const payload of PAYLOADS.filter((text) => text.trim() === text)) {
    const { status, body } = await put({ name: payload, where: { user_id: ['nobody'] } });
    expect([payload, status < 300 ? body.name : status]).toEqual([payload, payload]);
    for (const where of [{ country: [payload] }, { ip: [payload] }, { [payload]: ['x'] }, payload]) {
      expect([payload, where, (await put({ name: 'x', where })).status]).toEqual([payload, where, 400]);
    }
  }
  expect((await get(url, { method: 'DELETE' })).status).toBe(204);
  expect(await holdings()).toBe(held);
});

test('names of ads are plain text, in the list and in reports, and their columns have a format', async () => {
  const ad_id = `${world.prefix}/a`;
  const put = (body: unknown) =>
    get(`${api}/v1/ads`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  for (const payload of PAYLOADS.filter((text) => text.trim() === text)) {
    const entry = { ad_id, name: payload, campaign: payload, valid_from: '1970-01-01' };
    expect([payload, (await put([entry])).status]).toEqual([payload, isField(payload) ? 200 : 400]);
    for (const wrong of [{ valid_from: payload }, { [payload]: 'x' }, payload]) {
      const body = typeof wrong === 'string' ? wrong : [{ ...entry, name: 'x', campaign: 'x', ...wrong }];
      expect([payload, wrong, (await put(body)).status]).toEqual([payload, wrong, 400]);
    }
    if (!isField(payload)) continue;
    const [listed] = (await get(`${api}/v1/ads?prefix=${encodeURIComponent(ad_id)}`)).body.ads;
    expect([listed.name, listed.campaign]).toEqual([payload, payload]);
    const { rows } = (await get(`${api}/v1/report?by=campaign&metrics=clicks&order=key&${RANGE}`)).body;
    expect(rows.map(({ campaign }: { campaign: string | null }) => campaign)).toEqual([payload, null]);
  }
  expect((await put([{ ad_id, valid_from: '1970-01-01' }])).status).toBe(200);
  expect(await holdings()).toBe(held);
});

test.each(['authorization', 'accept', 'accept-encoding', 'if-none-match', 'x-forwarded-for', 'content-type'])(
  'the header %s is plain text too',
  async (name) => {
    for (const payload of PAYLOADS.filter((text) => /^[\x20-\x7e]+$/.test(text))) {
      // `If-None-Match: *` matches any answer. Forwarded requests are always refused, since there are no tokens.
      const expected = name === 'if-none-match' && payload === '*' ? 304 : name === 'x-forwarded-for' ? 403 : 200;
      expect([payload, await statusWith(`${AD}?${RANGE}`, { [name]: payload })]).toEqual([payload, expected]);
    }
    expect(await holdings()).toBe(held);
  },
);

test('no path leads outside the API', async () => {
  for (const path of [
    '/../../etc/passwd',
    '/docs/../../package.json',
    '/docs/..%2f..%2fpackage.json',
    '//etc/passwd',
  ]) {
    expect([path, await statusWith(path, {})]).toEqual([path, 404]);
  }
});

test('the answers equal plain counts', () => {
  const { batch, realtime } = plainCounts(world.rows.filter(({ ad_id }) => ad_id === `${world.prefix}/a`));
  expect(JSON.parse(held)[1]).toBe(batch + realtime);
});

/** Sends a path unchanged; fetch would normalize it. */
const statusWith = (path: string, headers: Record<string, string>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const asked = request(api, { path, headers }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode));
    });
    asked.once('error', reject).end();
  });
