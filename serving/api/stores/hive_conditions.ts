import { networkBounds } from '../../../domain/address/digits.ts';
import type { Filter, Membership } from '../../../domain/filters/filter.ts';
import type { PublishedRun } from '../../../domain/receipt.ts';
import {
  day,
  type HiveValue,
  hexDigits,
  hive,
  integer,
  joined,
  offsetsOf,
  ours,
  text,
} from '../../../infra/hive_statement.ts';

/** Conditions of Hive statements. Each is in brackets, and true or false of every row, never unknown. */

const TRUE = hive`(1 = 1)`;
const FALSE = hive`(1 = 0)`;

/** The column `address` that `filterCondition` compares. */
export const ADDRESS = ours('hive/queries/api_address.sql');

/** Which clicks of a day a run has counted: those below its cut. */
export const daysBelowCuts = (runs: PublishedRun[]): HiveValue => {
  const cases = runs.map((run) => hive`WHEN ${day(run.date)} THEN ${offsetsOf(run.cut)}`);
  return hive`(dt IN (${joined(
    runs.map(({ date }) => day(date)),
    ', ',
  )})
    AND topic_offset < CASE dt ${joined(cases, '\n')} ELSE 0 END)`;
};

/** Ads that begin with one of some texts; all of them only if there is no such list. */
export function adsCondition(prefixes: readonly string[] | undefined): HiveValue {
  if (prefixes === undefined) return TRUE;
  if (prefixes.length === 0) return FALSE;
  const begins = prefixes.map((prefix) => hive`locate(${text(prefix)}, ad_id) = 1`);
  return hive`(${joined(begins, ' OR ')})`;
}

export const partitionsOf = (runs: PublishedRun[]): HiveValue =>
  hive`(${joined(
    runs.map(({ date, run }) => hive`(dt = ${day(date)} AND run = ${integer(run)})`),
    ' OR ',
  )})`;

export const filterCondition = ({ country, ip, user_id }: Filter): HiveValue =>
  joined(
    [
      member(country, (values) => isOneOf(hive`country`, values)),
      member(ip, isInNetworks),
      member(user_id, (values) => isOneOf(hive`user_id`, values)),
    ],
    ' AND ',
  );

function member({ in: values, not }: Membership, isIn: (values: string[]) => HiveValue): HiveValue {
  const isAllowed = values === null ? TRUE : isIn(values);
  return not.length === 0 ? isAllowed : hive`(${isAllowed} AND NOT ${isIn(not)})`;
}

const isOneOf = (column: HiveValue, values: string[]): HiveValue =>
  values.length === 0 ? FALSE : hive`(${column} IN (${joined(values.map(text), ', ')}))`;

function isInNetworks(networks: string[]): HiveValue {
  if (networks.length === 0) return FALSE;
  const conditions = networks
    .map(networkBounds)
    .map(
      ({ first, last }) =>
        hive`(length(address) = ${integer(first.length)} AND address BETWEEN ${hexDigits(first)} AND ${hexDigits(last)})`,
    );
  return hive`(${joined(conditions, ' OR ')})`;
}
