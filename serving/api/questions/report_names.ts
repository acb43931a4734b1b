import { z } from 'zod';
import { DAY_MS, SECOND_MS } from '../../../domain/time.ts';
import { sql } from '../../../infra/sql.ts';
import type { Question } from '../../planner/question.ts';
import type { Range } from '../../planner/ranges.ts';
import { type Dimension, isName, MAX_BOUNDS, type NamesOf, type ReportPart } from '../../planner/report.ts';
import { type NamesSite, namesRevision } from '../stores/ad_names.ts';
import { queryRowsOf } from '../stores/engines.ts';
import { minuteBounds } from '../stores/query_params.ts';

/** Reports by campaign and advertiser: which names, and how rows are counted so that they can be given them. */

const THEN = sql('clickhouse/report/names_then.sql');
const NOW = sql('clickhouse/report/names_now.sql');
const RENAMED = sql('clickhouse/report/renamed_ads.sql');
const RENAMINGS = sql('clickhouse/report/renamings.sql');

/** By which names a report is. */
export interface NamesPlan {
  of: NamesOf;
  /** The last revision that counts. */
  revision: number;
  /** Within which names may change; its ends in seconds. */
  fromS: number;
  toS: number;
  /** When "now" is: the time that is asked for, of a question about the past. */
  atS: number;
  /** When any names changed in the range; null: at more times than a parameter takes. */
  renamingsS: number[] | null;
}

const renaming = z.object({ at_s: z.int() });

/** One reading of which names there are, for the whole report. As of a past time they are those that were known then. */
export async function planNames(
  site: NamesSite,
  { fromMs, toMs, asOfMs }: Pick<Question, 'fromMs' | 'toMs' | 'asOfMs'>,
  of: NamesOf,
  nowMs: number,
  signal: AbortSignal,
): Promise<NamesPlan> {
  const revision = await namesRevision(site, asOfMs);
  const whole: Range = {
    fromMs: Math.floor(fromMs / SECOND_MS) * SECOND_MS,
    toMs: Math.ceil(toMs / SECOND_MS) * SECOND_MS,
  };
  const { from_s: fromS, to_s: toS } = minuteBounds(whole);
  const plan = { of, revision, fromS, toS, atS: Math.floor((asOfMs ?? nowMs) / SECOND_MS), renamingsS: [] };
  if (of === 'now') return plan;
  const rows = await queryRowsOf(
    site.stores,
    renaming,
    RENAMINGS,
    { ...namesParams(plan), limit: MAX_BOUNDS + 1 },
    signal,
  );
  return { ...plan, renamingsS: rows.length > MAX_BOUNDS ? null : rows.map(({ at_s }) => at_s) };
}

export function namesParams({ revision, fromS, toS, atS, renamingsS }: NamesPlan): Record<string, unknown> {
  return {
    names_revision: revision,
    names_from_s: fromS,
    names_to_s: toS,
    names_at_s: atS,
    names_bounds: [fromS, ...(renamingsS ?? [])],
  };
}

export const namesText = ({ of }: NamesPlan): string => (of === 'now' ? NOW : THEN);

const renamedAds = (isWithinDays: boolean): string => `(${RENAMED.replace('{within_days}', String(!isWithinDays))})`;

/**
 * A second at which the same names held as at the time of a row: so that rows of an ad are counted together for as long as
 * its names stay.
 */
export function sameNamesText({ of, renamingsS }: NamesPlan, second: string): string {
  if (of === 'now') return 'toInt64(0)';
  const from = 'toInt64({names_from_s:UInt32})';
  if (renamingsS?.length === 0) return from;
  const at = renamingsS === null ? `toInt64(${second})` : `roundDown(toInt64(${second}), {names_bounds:Array(Int64)})`;
  return `if(ad_id IN ${renamedAds(false)}, ${at}, ${from})`;
}

/** A part for all ads, or for those whose names changed within a day or did not. */
export type NamedPart = ReportPart & { ads?: 'renamed' | 'others' };

/** The day of an event does not tell the names of an ad that got others within it: such ads are read by their minutes. */
export function splitRenamed(part: ReportPart, names: NamesPlan | null): NamedPart[] {
  if (part.kind !== 'run_days' || names === null || !isWithinDays(names)) return [part];
  const days = part.runs.map(({ date }) => Date.parse(date));
  const range = { fromMs: Math.min(...days), toMs: Math.max(...days) + DAY_MS };
  return [
    { ...part, ads: 'others' },
    { kind: 'run_minutes', runs: part.runs, ...range, ads: 'renamed' },
  ];
}

const isWithinDays = ({ renamingsS }: NamesPlan): boolean =>
  renamingsS === null || renamingsS.some((second) => (second * SECOND_MS) % DAY_MS !== 0);

export const adsText = ({ ads }: NamedPart): string =>
  ads === undefined ? '' : `AND ad_id ${ads === 'renamed' ? '' : 'NOT '}IN ${renamedAds(true)}`;

/** A key of the rows, after they have been given names. */
export function namedKeyText(dimension: Dimension | undefined): string {
  if (dimension === undefined) return "''";
  if (isName(dimension)) return `names.${dimension}`;
  return dimension === 'ad' ? 'counted.ad_id' : 'counted.other';
}
