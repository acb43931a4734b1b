import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { expect, test } from 'vitest';
import { createRoutes } from '../routes/all.ts';
import { openApi } from './openapi.ts';
import type { ApiDeps } from './route.ts';

const routes = createRoutes({} as ApiDeps);
// biome-ignore lint/suspicious/noExplicitAny: the document is what is being checked
const description: any = openApi(routes, true);

test('every route is in it, under its own name', () => {
  const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method} ${path}`),
  );
  expect(operations.sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
  expect(new Set(routes.map(({ id }) => id)).size).toBe(routes.length);
});

test('every reference resolves, and every named schema is used', () => {
  const text = JSON.stringify(description);
  const references = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
  expect([...new Set(references)].sort()).toEqual(Object.keys(description.components.schemas).sort());
});

test('parameters say what is expected', () => {
  const { parameters } = description.paths['/v1/ads/{ad_id}/series'].get;
  expect(parameters).toContainEqual({
    name: 'ad_id',
    in: 'path',
    required: true,
    description: 'an ad id of 1 to 127 bytes',
    schema: { type: 'string', minLength: 1, maxLength: 127 },
  });
  expect(parameters).toContainEqual({
    name: 'size',
    in: 'query',
    required: false,
    description:
      'How long a window is: a whole number of seconds from 1 to 31622400, or one of 1h, 1d, 1w, 1mo; 60 if it is left out',
    schema: { type: ['integer', 'string'], minimum: 1, maximum: 31_622_400, pattern: '^(1h|1d|1w|1mo)$' },
  });
  expect(parameters).toContainEqual({
    name: 'hop',
    in: 'query',
    required: false,
    description: expect.stringMatching(/^Seconds from the beginning .*: a whole number from 1 to 31622400$/),
    schema: { type: 'integer', minimum: 1, maximum: 31_622_400 },
  });
});

test('every parameter of a question and every operation has a description', () => {
  const operations = Object.values(description.paths).flatMap((path) => Object.values(path as object));
  for (const { parameters, tags } of operations) {
    for (const { in: place, name, description } of parameters) {
      if (place === 'query') expect(`${name}: ${description}`).toMatch(/^\w+: [A-Z].*: ./);
    }
    expect(tags).toHaveLength(1);
  }
  expect(description.paths['/v1/filters/{id}'].put.tags).toEqual(['filters']);
});

test('a token is required where the route needs one', () => {
  const securityOf = (document: typeof description, path: string) => document.paths[path].get.security;
  expect(securityOf(description, '/v1/status')).toEqual([{ token: [] }]);
  expect(securityOf(description, '/healthz')).toEqual([]);
  expect(securityOf(openApi(routes, false), '/v1/status')).toEqual([]);
});

test('series and popular ads are also offered as CSV', () => {
  const typesOf = (path: string) => Object.keys(description.paths[path].get.responses[200].content);
  expect(typesOf('/v1/ads/{ad_id}/series')).toEqual(['application/json', 'text/csv']);
  expect(typesOf('/v1/ads/popular_ads')).toEqual(['application/json', 'text/csv']);
  expect(typesOf('/v1/ads/{ad_id}/aggregated_count')).toEqual(['application/json']);
});

test('the dashboard is compiled against it (npx vitest run --project unit openapi.test -u writes it anew)', async () => {
  const types = astToString(await openapiTS(description as OpenAPI3));
  await expect(
    `// Generated from the API's description by serving/api/http/openapi.test.ts.\n${types}`,
  ).toMatchFileSnapshot('../../dashboard/contract/description.d.ts');
});
