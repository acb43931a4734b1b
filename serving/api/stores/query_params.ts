import { TupleParam } from '@clickhouse/client';
import type { PublishedRun } from '../../../domain/receipt.ts';
import { SECOND_MS } from '../../../domain/time.ts';
import { filterParam } from '../../../infra/filters.ts';
import type { Question } from '../../planner/question.ts';
import { boundsOf, type Range } from '../../planner/ranges.ts';

/** How a question's parts are bound to the parameters of the queries in sql/clickhouse/queries/api_*.sql. */

/** ClickHouse's DateTime ranges from 1970 to 2106; all clicks are within that. */
const LAST_MINUTE_MS = Date.UTC(2106, 0, 1);
const within = (ms: number): number => Math.max(0, Math.min(LAST_MINUTE_MS, ms));
const seconds = (ms: number): number => within(ms) / SECOND_MS;

export const filterParams = ({ filter, asOfMs, adPrefixes }: Pick<Question, 'filter' | 'asOfMs' | 'adPrefixes'>) => ({
  ad_prefixes: [...(adPrefixes ?? [])],
  filter: filterParam(filter),
  arrived_by_ms: asOfMs,
});

export const minuteBounds = ({ fromMs, toMs }: Range) => ({ from_s: seconds(fromMs), to_s: seconds(toMs) });
export const rawBounds = ({ fromMs, toMs }: Range) => ({ from_ms: within(fromMs), to_ms: within(toMs) });

export const minuteRanges = (ranges: Range[]) => ({
  froms: ranges.map(({ fromMs }) => seconds(fromMs)),
  tos: ranges.map(({ toMs }) => seconds(toMs)),
});
export const rawRanges = (ranges: Range[]) => ({
  froms: ranges.map(({ fromMs }) => fromMs),
  tos: ranges.map(({ toMs }) => toMs),
});

const NOWHERE: Range = { fromMs: 0, toMs: 0 };
export const outerBounds = (ranges: Range[]): Range => boundsOf(ranges) ?? NOWHERE;

export const runParams = (runs: PublishedRun[]) => ({
  runs: runs.map(({ date, run }) => new TupleParam([date, run])),
});

/** The lowest and highest cut let ClickHouse skip most rows by its primary key. */
export function cutParams(runs: PublishedRun[]) {
  const cuts = runs.map(({ date, cut }) => ({ date, offsets: new Map(Object.entries(cut)) }));
  const offsets = cuts.flatMap((cut) => [...cut.offsets.values()]);
  const inAll = (partition: string): boolean => cuts.every((cut) => cut.offsets.has(partition));
  return {
    cuts: new Map(cuts.map((cut) => [cut.date, cut.offsets])),
    // A partition absent from a cut did not exist then: all its clicks came after the cut.
    cut_partitions: [...(cuts[0]?.offsets.keys() ?? [])].filter(inAll),
    lowest_cut: offsets.length === 0 ? 0 : Math.min(...offsets),
    highest_cut: Math.max(0, ...offsets),
  };
}

/** ClickHouse's limit for one parameter is 128 KiB. */
const BYTES_PER_QUERY = 96 * 1024;
const BYTES_PER_RUN = 24;

/**
 * Splits runs into groups that fit into one query; counts of groups add up, as duplicates of a click share their day.
 */
export function inGroups(runs: PublishedRun[]): PublishedRun[][] {
  const groups: PublishedRun[][] = [];
  let room = 0;
  for (const run of runs) {
    const bytes = BYTES_PER_RUN + JSON.stringify(run.cut).length;
    const group = groups.at(-1);
    if (group && bytes <= room) group.push(run);
    else {
      groups.push([run]);
      room = BYTES_PER_QUERY;
    }
    room -= bytes;
  }
  return groups;
}
