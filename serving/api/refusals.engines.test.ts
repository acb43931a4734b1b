import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { sha256Hex } from '../../infra/hash.ts';
import { get } from '../../test/support/api/get.ts';
import { startWorld, type World } from '../../test/support/api/server.ts';
import { DAYS } from '../../test/support/api/world.ts';

const TOKEN = 's3cret';
let world: World;
let api = '';
beforeAll(async () => {
  world = await startWorld(inject('env'), 'refusals-test');
  api = await world.serve();
});
afterAll(() => world.stop());

const AD = '/v1/ads/x/aggregated_count';
test.each<[path: string, parameter: string, detail: RegExp]>([
  [`${AD}?form=1`, 'form', /only from, to, country/],
  [`${AD}?from=1&from=2`, 'from', /once/],
  [`${AD}?from=yesterday`, 'from', /ISO 8601 with a zone.*got "yesterday"/],
  [`${AD}?from=2021-01-01T00:00:00`, 'from', /zone/],
  [`${AD}?from=2021-02-30`, 'from', /ISO 8601/],
  [`${AD}?from=`, 'from', /ISO 8601/],
  [`${AD}?from=-1`, 'from', /ISO 8601/],
  [`${AD}?from=2021-01-02&to=2021-01-01`, 'from', /before "to"/],
  [`${AD}?from=2021-01-01&to=2021-01-01T01:00:00%2B01:00`, 'from', /before "to"/],
  [`${AD}?from=2021-01-01&to=2021-01-01T01:00:00+01:00`, 'from', /before "to"/],
  [`${AD}?country=DE1`, 'country', /2 or 3 letters/],
  [`${AD}?country=DE,,FR`, 'country', /2 or 3 letters/],
  [`${AD}?ip=10.0.0.0/33`, 'ip', /network/],
  [`${AD}?ip=10.0.0.1' OR 1=1`, 'ip', /network/],
  [`${AD}?user_id=`, 'user_id', /user id/],
  [`${AD}?user_id=a%00b`, 'user_id', /user id/],
  [`${AD}?filter=7`, 'filter', /id of a registered filter/],
  [`${AD}?as_of=2150-01-01`, 'as_of', /not after/],
  ['/v1/ads/popular_ads?as_of=2021-01-01', 'as_of', /only count, window, at/],
  [`/v1/ads/${'x'.repeat(128)}/aggregated_count`, 'ad_id', /1 to 127 bytes/],
  ['/v1/ads/popular_ads?count=0', 'count', /from 1 to 1000/],
  ['/v1/ads/popular_ads?count=1001', 'count', /from 1 to 1000/],
  ['/v1/ads/popular_ads?window=43201', 'window', /from 1 to 43200/],
  ['/v1/ads/popular_ads?window=1.5', 'window', /whole number/],
  ['/v1/ads/popular_ads?from=1', 'from', /only count, window, at/],
  ['/v1/ads/x/series?size=0', 'size', /from 1 to/],
  ['/v1/ads/x/series?size=60&hop=61', 'hop', /at most the size, 60/],
  ['/v1/ads/x/series?from=2021-01-01&to=2021-01-02&size=10', 'hop', /at least 44 for this range.*at most 2000 points/],
  [
    '/v1/ads/x/series?from=2021-01-01&to=2021-02-01&size=3601&hop=3600',
    'size',
    /multiple, like hop, of a number from 27 on/,
  ],
  ['/v1/ads/x/series?size=1y', 'size', /seconds from 1 to 31622400, or one of 1h, 1d, 1w, 1mo/],
  ['/v1/ads/x/series?size=1d&hop=60', 'hop', /no hop with the size 1d/],
  ['/v1/ads/x/series?size=3600&tz=Europe/Berlin', 'tz', /only with the size 1h, 1d, 1w or 1mo/],
  ['/v1/ads/x/series?size=1d&tz=Europe/Berlim', 'tz', /IANA database, such as Europe\//],
  ['/v1/ads/x/series?size=1d&tz=%2B01:00', 'tz', /such as Europe\/Berlin/],
  ['/v1/ads/x/series?size=1h&from=2020-01-01&to=2021-01-01', 'size', /at most 2000 points/],
  ['/v1/ads/x/series?event=view', 'event', /click, impression, conversion; or performance/],
  ['/v1/runs?date=2021-13-01', 'date', /UTC day/],
  ['/v1/status?verbose=1', 'verbose', /no parameters/],
])('GET %s is refused for %s', async (path, parameter, detail) => {
  const { status, type, body } = await get(api + path);
  expect([status, type, body.status]).toEqual([400, 'application/problem+json; charset=utf-8', 400]);
  expect(body.type).toMatch(/^urn:/);
  expect(body.parameters).toEqual([expect.objectContaining({ parameter })]);
  expect(body.detail).toMatch(detail);
});

test.each<[string, RequestInit, number]>([
  ['/v2/ads', {}, 404],
  ['/v1/ads/a/b/aggregated_count', {}, 404],
  [`/v1/ads/%ZZ/aggregated_count`, {}, 400],
  [AD, { method: 'DELETE' }, 405],
])('%s is a problem too', async (path, init, expected) => {
  const { status, type, body } = await get(api + path, init);
  expect([status, type, body.status]).toEqual([expected, 'application/problem+json; charset=utf-8', expected]);
});

test('with tokens, one of them is needed for everything under /v1', async () => {
  const secured = await world.serve({ tokens: [{ name: 't', role: 'reader', sha256: sha256Hex(TOKEN) }] });
  const ask = async (authorization?: string) =>
    (await get(`${secured}/v1/runs`, authorization === undefined ? {} : { headers: { authorization } })).status;
  expect([await ask(), await ask('Bearer wrong'), await ask(`Basic ${TOKEN}`)]).toEqual([401, 401, 401]);
  expect([await ask(`Bearer ${TOKEN}`), await ask(`Bearer  ${TOKEN}`)]).toEqual([200, 200]);
  expect((await get(`${secured}/healthz`)).status).toBe(200);
});

test.each<[string, string, unknown, number]>([
  ['a reader', 'reader', { from: '2021-01-01', to: '2021-01-02', reason: 'x' }, 403],
  ['a day that has not ended', 'admin', { from: '2021-01-01', to: '2999-01-01', reason: 'x' }, 400],
  ['an invalid day', 'admin', { from: '2021-02-30', to: '2021-03-02', reason: 'x' }, 400],
  ['days the wrong way round', 'admin', { from: '2021-01-02', to: '2021-01-02', reason: 'x' }, 400],
  ['no reason', 'admin', { from: '2021-01-01', to: '2021-01-02' }, 400],
  ['an unknown member', 'admin', { from: '2021-01-01', to: '2021-01-02', reason: 'x', force: true }, 400],
])('runs are refused for %s', async (_, role, asked, expected) => {
  const known = { name: 't', role: role as 'reader' | 'admin', sha256: sha256Hex(TOKEN) };
  const url = `${await world.serve({ tokens: [known] })}/v1/runs`;
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const { status, type } = await get(url, { method: 'POST', headers, body: JSON.stringify(asked) });
  expect([status, type]).toEqual([expected, 'application/problem+json; charset=utf-8']);
});

test.each<[string, string, string, number]>([
  ['a body not declared as JSON', 'text/plain', '{}', 415],
  ['a body that is not JSON', 'application/json', '{', 400],
  ['a body that is too long', 'application/json', JSON.stringify({ reason: 'x'.repeat(20_000) }), 413],
])('runs are refused for %s', async (_, content, body, expected) => {
  const answer = await get(`${api}/v1/runs`, { method: 'POST', headers: { 'content-type': content }, body });
  expect([answer.status, answer.body.status]).toEqual([expected, expected]);
});

test.each([
  ['2005-13-01', 400],
  [DAYS.final, 404],
])('the reconciliation of %s, which does not exist, is a problem', async (date, expected) => {
  expect((await get(`${api}/v1/reconciliations/${date}`)).status).toBe(expected);
});
