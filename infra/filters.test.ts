import { expect, test } from 'vitest';
import { ALL_CLICKS } from '../domain/filters/filter.ts';
import type { ClickHouseClient } from './clients/clickhouse.ts';
import { readCurrentFilters } from './filters.ts';

const registered = (definition: string) => {
  const rows = [{ filterId: 7, current: 2, definition }];
  return { query: async () => ({ json: async () => rows }) } as unknown as ClickHouseClient;
};

test('a registered filter is what its definition says', async () => {
  const filter = { ...ALL_CLICKS, country: { in: ['USA'], not: [] } };
  const expected = [{ filterId: 7, revision: 2, filter }];
  expect(await readCurrentFilters(registered('{"country":["USA"]}'))).toEqual(expected);
});

test.each<[string, string]>([
  ['{"contry":["USA"]}', 'Unrecognized key: "contry"'],
  ['{"not":{"contry":["USA"]}}', 'not: Unrecognized key: "contry"'],
  ['{"country":"USA"}', 'country: '],
  ['{"country":[1]}', 'country.0: '],
  ['null', 'expected object, received null'],
  ['{', 'not JSON: {'],
])('%s would let through what it is there to keep out, and is refused', async (definition, expected) => {
  const read = readCurrentFilters(registered(definition));
  await expect(read).rejects.toThrow('ads.filters: revision 2 of filter 7: ');
  await expect(read).rejects.toThrow(expected);
});
