import { z } from 'zod';
import { type ClickHouseClient, rowsOf } from '../clients/clickhouse.ts';
import { RefusedError } from './refused.ts';

/**
 * The server's own values of settings by which a number would be another one without an error, beside those that go with
 * every question (infra/clients/clickhouse.ts). A server that does not know one of them has no other value either.
 */
const NEEDED: Record<string, string> = {
  // Only a part of the rows.
  sort_overflow_mode: 'throw',
  distinct_overflow_mode: 'throw',
  partial_result_on_first_cancel: '0',
  limit: '0',
  offset: '0',
  additional_table_filters: '{}',
  additional_result_filter: '',
  skip_unavailable_shards: '0',
  // Another meaning of a query.
  aggregate_functions_null_for_empty: '0',
  empty_result_for_aggregation_by_empty_set: '0',
  transform_null_in: '0',
  prefer_column_name_to_alias: '0',
  count_distinct_implementation: 'uniqExact',
  // Rows that are inserted: none left out, each in every view, and one that is sent again dropped.
  materialized_views_ignore_errors: '0',
  input_format_allow_errors_num: '0',
  input_format_allow_errors_ratio: '0',
  input_format_defaults_for_omitted_fields: '1',
  insert_deduplicate: '1',
  deduplicate_insert: 'enable',
};

const setting = z.object({ name: z.string(), value: z.string() });

/** Refuses a user whose profile has other values. */
export async function checkSettings(client: ClickHouseClient): Promise<void> {
  const query = 'SELECT name, value FROM system.settings WHERE name IN {names:Array(String)} ORDER BY name';
  const found = await rowsOf(client, setting, query, { names: Object.keys(NEEDED) });
  const other = found.filter(({ name, value }) => value !== NEEDED[name]);
  if (other.length === 0) return;
  const list = other.map(({ name, value }) => `${name} = '${value}' (must be '${NEEDED[name]}')`).join(', ');
  throw new RefusedError(
    `CLICKHOUSE_URL: the profile of its user would change numbers: ${list}; take it out of the profile, or name a user ` +
      'of another one',
  );
}
