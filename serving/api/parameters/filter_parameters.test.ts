import { expect, test } from 'vitest';
import { ALL_CLICKS } from '../../../domain/filters/filter.ts';
import type { ClickHouseClient } from '../../../infra/clients/clickhouse.ts';
import { readAskedFilter } from './filter_parameters.ts';
import { countParameters, readParameters } from './parameters.ts';

const nobody = { clickhouse: {} as ClickHouseClient };
const { signal } = new AbortController();
const asked = (query: string) =>
  readAskedFilter(nobody, readParameters(countParameters, new URLSearchParams(query)), signal);

test.each<[string, Partial<typeof ALL_CLICKS>]>([
  ['', {}],
  ['filter=0', {}],
  ['country=usa, DE ,usa', { country: { in: ['USA', 'DE', 'USA'], not: [] } }],
  ['country=USA&not_country=DEU,FRA', { country: { in: ['USA'], not: ['DEU', 'FRA'] } }],
  ['not_ip=10.1.2.3/8,::1', { ip: { in: null, not: ['10.0.0.0/8', '::1/128'] } }],
  ["user_id=o'user&not_user_id=b", { user_id: { in: ["o'user"], not: ['b'] } }],
])('"%s" asks for %j', async (query, expected) => {
  expect(await asked(query)).toEqual({ filter: { ...ALL_CLICKS, ...expected }, registered: null });
});

test('a revision is one of a registered filter', async () => {
  await expect(asked('filter_revision=1')).rejects.toThrow(/^filter_revision: expected one of a registered filter/);
});

test.each<[string, RegExp]>([
  ['filter=7&filter_revision=0', /^filter_revision: expected a revision of a filter, a whole number from 1/],
  ['filter=-1', /^filter: expected the id of a filter, a whole number from 0 to 2147483647, got "-1"/],
  ['filter=2147483648', /^filter: /],
  ['filter=1e3', /^filter: /],
  ['filter=', /^filter: /],
  ['filter=1&filter=2', /^filter: expected it once/],
  ['not_country=D1', /^not_country: expected a country of 2 or 3 letters, or up to 100 by comma/],
  ['not_ip=10.0.0.256', /^not_ip: expected an IP address or a network/],
  ['not_user_id=a,', /^not_user_id: expected a user id/],
  ['user_id=a%00b', /^user_id: expected a user id/],
  [`not_user_id=${'u,'.repeat(100)}u`, /^not_user_id: .*up to 100/],
])('"%s" is refused', (query, detail) => {
  expect(() => readParameters(countParameters, new URLSearchParams(query))).toThrow(detail);
});
