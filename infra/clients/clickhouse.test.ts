import { expect, test } from 'vitest';
import { z } from 'zod';
import { sql } from '../sql.ts';
import { type ClickHouseClient, rowsOf } from './clickhouse.ts';

const answering = (rows: unknown[]) =>
  ({ query: async () => ({ json: async () => rows }) }) as unknown as ClickHouseClient;
const row = z.object({ run: z.int().min(1), state: z.enum(['counting', 'published']) });
const QUERY = sql('clickhouse/queries/batch_states.sql');

test('rows are as their schema has them, without columns that nobody asks for', async () => {
  const rows = [{ run: 1, state: 'published', more: '' }];
  expect(await rowsOf(answering(rows), row, QUERY)).toEqual([{ run: 1, state: 'published' }]);
});

test('a wrong row is an error that names file, row, column, expectation and value', async () => {
  const rows = [
    { run: 1, state: 'published' },
    { run: 2, state: 'publshed' },
  ];
  await expect(rowsOf(answering(rows), row, QUERY)).rejects.toThrow(
    'row 2 of sql/clickhouse/queries/batch_states.sql: state: ' +
      'Invalid option: expected one of "counting"|"published", got "publshed"',
  );
});

test('a query that is of no file is named by its beginning', async () => {
  await expect(rowsOf(answering([{}]), row, 'SELECT 1\n  AS run')).rejects.toThrow('row 1 of SELECT 1 AS run: run: ');
});
