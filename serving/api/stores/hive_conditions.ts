import { networkBounds } from '../../../domain/address/network_bounds.ts';
import type { Filter, Membership } from '../../../domain/filters/filter.ts';
import type { PublishedRun } from '../../../domain/receipt.ts';
import {
  type HiveValue,
  hexDigits,
  hiveDay,
  hiveFile,
  hiveInteger,
  hiveJoined,
  hivePiece,
  offsetsOf,
  text,
} from '../../../infra/hive_statement.ts';

/** Conditions of Hive statements. Each is in parentheses, and true or false for every row, never null. */

const TRUE = hivePiece`(1 = 1)`;
const FALSE = hivePiece`(1 = 0)`;

/** The column `address` that `filterCondition` compares. */
export const ADDRESS = hiveFile('hive/queries/api_address.sql');

/** The clicks of a day that a run has counted: those below its cut. */
export const daysBelowCuts = (runs: PublishedRun[]): HiveValue => {
  const cases = runs.map((run) => hivePiece`WHEN ${hiveDay(run.date)} THEN ${offsetsOf(run.cut)}`);
  return hivePiece`(dt IN (${hiveJoined(
    runs.map(({ date }) => hiveDay(date)),
    ', ',
  )})
    AND topic_offset < CASE dt ${hiveJoined(cases, '\n')} ELSE 0 END)`;
};

/** Ads that begin with one of the prefixes; without a list, all ads. */
export function adsCondition(prefixes: readonly string[] | undefined): HiveValue {
  if (prefixes === undefined) return TRUE;
  if (prefixes.length === 0) return FALSE;
  const begins = prefixes.map((prefix) => hivePiece`locate(${text(prefix)}, ad_id) = 1`);
  return hivePiece`(${hiveJoined(begins, ' OR ')})`;
}

export const partitionsOf = (runs: PublishedRun[]): HiveValue =>
  hivePiece`(${hiveJoined(
    runs.map(({ date, run }) => hivePiece`(dt = ${hiveDay(date)} AND run = ${hiveInteger(run)})`),
    ' OR ',
  )})`;

export const filterCondition = ({ country, ip, user_id }: Filter): HiveValue =>
  hiveJoined(
    [
      member(country, (values) => isOneOf(hivePiece`country`, values)),
      member(ip, isInNetworks),
      member(user_id, (values) => isOneOf(hivePiece`user_id`, values)),
    ],
    ' AND ',
  );

function member({ in: values, not }: Membership, isIn: (values: string[]) => HiveValue): HiveValue {
  const isAllowed = values === null ? TRUE : isIn(values);
  return not.length === 0 ? isAllowed : hivePiece`(${isAllowed} AND NOT ${isIn(not)})`;
}

const isOneOf = (column: HiveValue, values: string[]): HiveValue =>
  values.length === 0 ? FALSE : hivePiece`(${column} IN (${hiveJoined(values.map(text), ', ')}))`;

function isInNetworks(networks: string[]): HiveValue {
  if (networks.length === 0) return FALSE;
  const conditions = networks
    .map(networkBounds)
    .map(
      ({ first, last }) =>
        hivePiece`(length(address) = ${hiveInteger(first.length)} AND address BETWEEN ${hexDigits(first)} AND ${hexDigits(last)})`,
    );
  return hivePiece`(${hiveJoined(conditions, ' OR ')})`;
}
