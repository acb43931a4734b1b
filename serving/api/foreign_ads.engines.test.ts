import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { sha256Hex } from '../../infra/hash.ts';
import { startWorld, type World } from '../../test/support/api/server.ts';
import { FIRST_MS, LAST_MS } from '../../test/support/api/world.ts';

const TRIES = 400;
const METHODS = ['get', 'put', 'post', 'delete'] as const;

type PathItem = Partial<Record<(typeof METHODS)[number], { parameters?: { in: string; name: string }[] }>>;
/** With these, questions about an advertiser's own ads are answered. */
const WANTED: Record<string, string | number> = { from: FIRST_MS, to: LAST_MS, at: LAST_MS, window: 60, size: 86_400 };

let world: World;
let api: URL;
let routes: { method: string; path: string; query: string[] }[] = [];
beforeAll(async () => {
  world = await startWorld(inject('env'), 'foreign-ads-test');
  const shop = { name: 'shop', role: 'advertiser' as const, adPrefixes: [`${world.prefix}/a`, `${world.prefix}/b`] };
  api = new URL(await world.serve({ tokens: [{ ...shop, sha256: sha256Hex('shop-secret') }] }));
  const { paths } = (await (await fetch(new URL('/openapi.json', api))).json()) as { paths: Record<string, PathItem> };
  routes = Object.entries(paths).flatMap(([path, of]) =>
    METHODS.flatMap((method) => {
      const query = of[method]?.parameters?.filter((one) => one.in === 'query').map(({ name }) => name) ?? [];
      return of[method] ? [{ method, path, query }] : [];
    }),
  );
});
afterAll(() => world.stop());

/** As it is written: `fetch` would tidy the path. */
async function send(method: string, path: string, body: string | null): Promise<{ status: number; answer: string }> {
  const headers = { authorization: 'Bearer shop-secret', ...(body && { 'content-type': 'application/json' }) };
  const sent = request({ host: api.hostname, port: api.port, method, path, headers });
  sent.end(body ?? undefined);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: Number(response.statusCode), answer: await text(response) };
}

const everyByte = (id: string): string =>
  [...Buffer.from(id)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
const FORMS: ((id: string) => string)[] = [
  encodeURIComponent,
  (id) => encodeURIComponent(id).toLowerCase(),
  (id) => encodeURIComponent(encodeURIComponent(id)),
  everyByte,
  (id) => everyByte(id).toUpperCase(),
  (id) => id,
  (id) => `${encodeURIComponent(id)}/`,
  (id) => `./${encodeURIComponent(id)}`,
  (id) => `${encodeURIComponent(id)}%00`,
  (id) => `${encodeURIComponent(id)}%20`,
  (id) => `%EF%BB%BF${encodeURIComponent(id)}`,
  (id) => encodeURIComponent(id.toUpperCase()),
  (id) => encodeURIComponent(id.replaceAll('/', '\\')),
  (id) => encodeURIComponent(id).replace('%2F', '%c0%af'),
  (id) => encodeURIComponent(id.normalize('NFD').replace('/', '\u2215')),
];

/** Its own ad first, in the hope that the other one is what is answered for. */
const beside = (own: string, other: string): string[] => [
  other,
  `${own}/../${other}`,
  `${own}%2F..%2F${other}`,
  `${own},${other}`,
  `${own}%2C${other}`,
  `${own};${other}`,
  `${own}%0A${other}`,
  `${own}%00${other}`,
  `${own}%27%20OR%20ad_id%3D%27${other}`,
];

const PARAMETERS = ['ad', 'ad_id', 'ads', 'ad[]', 'ad[0]', 'ad.$ne', 'AD', '%61d', 'prefix', 'after', 'ad%00'];

test('whatever route an advertiser tries, and however the ad is written, nothing of another ad is answered', async () => {
  const [own, other] = [`${world.prefix}/a`, `${world.prefix}/d`];
  const seen = new Map<number, number>();
  const writing = fc.record({
    route: fc.constantFrom(...routes),
    form: fc.constantFrom(...FORMS),
    place: fc.nat(8),
    parameter: fc.option(fc.constantFrom(...PARAMETERS)),
    isTwice: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(writing, async ({ route, form, place, parameter, isTwice }) => {
      const ad = beside(encodeURIComponent(own), form(other))[place] as string;
      const path = route.path.replaceAll('{ad_id}', ad).replaceAll(/\{\w+\}/g, ad);
      const known = route.query.filter((name) => name in WANTED).map((name) => `${name}=${WANTED[name]}`);
      const first = isTwice ? `${parameter}=${encodeURIComponent(own)}&` : '';
      const tried = parameter === null ? [] : [`${first}${parameter}=${form(other)}`];
      const body = route.method === 'get' ? null : JSON.stringify({ ad: other, ad_id: other, from: other, to: own });
      const { status, answer } = await send(
        route.method.toUpperCase(),
        `${path}?${[...known, ...tried].join('&')}`,
        body,
      );
      seen.set(status, (seen.get(status) ?? 0) + 1);
      expect(status).toBeLessThan(500);
      if (status < 300) expect(foreignIn(JSON.parse(answer))).toEqual([]);
    }),
    { numRuns: TRIES },
  );
  // Not everything was refused for another reason: questions about its own ads are among them, and refused ones.
  expect([...seen.keys()]).toEqual(expect.arrayContaining([200, 400, 403]));
});

/** What an answer has of ads that are not the advertiser's: counts above nothing, beside an id. */
function foreignIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(foreignIn);
  if (value === null || typeof value !== 'object') return [];
  const fields = value as Record<string, unknown>;
  const id = fields.ad_id ?? fields.ad;
  const isForeign = typeof id === 'string' && !/\/[ab]/.test(id.slice(world.prefix.length));
  return [...(isForeign ? [id] : []), ...Object.values(fields).flatMap(foreignIn)];
}
