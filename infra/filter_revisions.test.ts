import { expect, test } from 'vitest';
import { memoryRegister } from '../test/support/memory_register.ts';
import type { ClickHouseClient } from './clients/clickhouse.ts';
import { bringFilters, createRevision, type FilterRow, FiltersBehindError } from './filter_revisions.ts';
import { openFindings } from './register/findings.ts';

const row = (filter_id: number, revision: number, name = 'n'): FilterRow => ({
  filter_id,
  revision,
  name,
  definition: '{}',
  is_deleted: false,
  recorded_at: '2021-01-01T00:00:00.000Z',
  recorded_by: 'test',
});

function site(rows: FilterRow[] = []) {
  const tokens = new Set<string>();
  const clickhouse = {
    query: async ({ query_params: { id } }: { query_params: { id: number | null } }) => {
      const found = rows.filter(({ filter_id }) => id === null || filter_id === id);
      return { json: async () => found };
    },
    insert: async ({ values, clickhouse_settings: { insert_deduplication_token: token } }: Insert) => {
      if (!tokens.has(token)) rows.push(...values);
      tokens.add(token);
    },
  } as unknown as ClickHouseClient;
  return { register: memoryRegister(), clickhouse, rows };
}
interface Insert {
  values: FilterRow[];
  clickhouse_settings: { insert_deduplication_token: string };
}

test('of several that make one revision one does, and its row is in the copy once', async () => {
  const one = site();
  const names = ['a', 'b', 'c'];
  const made = await Promise.all(names.map((name) => createRevision(one, row(7, 1, name))));
  expect(made.filter((isMade) => isMade)).toHaveLength(1);
  const brought = await Promise.all([0, 1, 2].map(() => bringFilters(one, 7)));
  const winner = row(7, 1, names[made.indexOf(true)]);
  expect(brought).toEqual([[winner], [winner], [winner]]);
  expect(one.rows).toEqual([winner]);
});

test('a register that was never used takes over the revisions of ads.filters, once', async () => {
  const one = site([row(7, 1), row(7, 2), row(8, 1)]);
  expect(await Promise.all([bringFilters(one, 7), bringFilters(one, 7)])).toEqual([
    [row(7, 1), row(7, 2)],
    [row(7, 1), row(7, 2)],
  ]);
  expect(await createRevision(one, row(7, 2, 'other'))).toBe(false);
  expect(await bringFilters(one, null)).toEqual([row(7, 1), row(7, 2), row(8, 1)]);
});

test('revisions that a kill left in the register only are brought, of all filters', async () => {
  const one = site([row(7, 1)]);
  await bringFilters(one, null);
  await createRevision(one, row(7, 2));
  await createRevision(one, row(9, 1));
  await bringFilters(one, null);
  expect(one.rows).toEqual([row(7, 1), row(7, 2), row(9, 1)]);
});

test('a revision that only ads.filters has is refused, and reported', async () => {
  const one = site([row(7, 1)]);
  await bringFilters(one, null);
  one.rows.push(row(7, 2), row(8, 1));
  for (const id of [7, 8, null]) {
    await expect(bringFilters(one, id)).rejects.toThrow(FiltersBehindError);
    await expect(bringFilters(one, id)).rejects.toThrow('./clickledger restore --register');
  }
  expect(await openFindings(one.register)).toMatchObject([{ code: 'register_behind' }]);
  await createRevision(one, row(7, 2));
  await bringFilters(one, null);
  expect(await openFindings(one.register)).toEqual([]);
});
