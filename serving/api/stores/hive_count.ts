import { z } from 'zod';
import type { Filter } from '../../../domain/filters/filter.ts';
import type { PublishedRun } from '../../../domain/receipt.ts';
import { hiveCount } from '../../../infra/clients/hive.ts';
import { hiveInteger, text } from '../../../infra/hive_statement.ts';
import { sql } from '../../../infra/sql.ts';
import type { Part } from '../../planner/parts.ts';
import type { Question } from '../../planner/question.ts';
import type { Range } from '../../planner/ranges.ts';
import { queryHiveRowsOf, type Stores } from './engines.ts';
import { ADDRESS, adsCondition, daysBelowCuts, filterCondition, partitionsOf } from './hive_conditions.ts';
import { inGroups } from './query_params.ts';

const COUNT = {
  run_archive: sql('hive/queries/api_count_archive.sql'),
  run_hive_minutes: sql('hive/queries/api_count_run_minutes.sql'),
};
const POPULAR = {
  run_archive: sql('hive/queries/api_popular_archive.sql'),
  run_hive_minutes: sql('hive/queries/api_popular_run_minutes.sql'),
};

const hivePiece = z.object({
  piece: z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number)
    .pipe(z.int()),
  clicks: hiveCount,
});
const popularAd = z.object({ ad_id: z.string(), clicks: hiveCount });

type ArchivePart = Part & { kind: keyof typeof COUNT };

export const isArchivePart = (part: Part): part is ArchivePart => part.kind in COUNT;

/** Clicks of a part by piece, like countPieces for ClickHouse's parts. */
export async function countArchived(
  stores: Pick<Stores, 'archive'>,
  { adId, filter }: { adId: string; filter: Filter },
  part: ArchivePart,
  { startMs, pieceMs }: { startMs: number; pieceMs: number },
  signal: AbortSignal,
): Promise<{ piece: number; clicks: number }[]> {
  const grid = { start_ms: hiveInteger(startMs), piece_ms: hiveInteger(pieceMs) };
  const pieces: { piece: number; clicks: number }[] = [];
  for (const runs of inGroups(part.runs)) {
    const values = { ad_id: text(adId), ...grid, ...valuesOf(part, runs, filter) };
    pieces.push(...(await queryHiveRowsOf(stores, hivePiece, COUNT[part.kind], values, signal)));
  }
  return pieces;
}

/** The most clicked ads of a part; ties are ordered by ad id. */
export async function popularArchived(
  stores: Pick<Stores, 'archive'>,
  { filter, adPrefixes }: Pick<Question, 'filter' | 'adPrefixes'>,
  part: ArchivePart,
  limit: number,
  signal: AbortSignal,
): Promise<{ ad_id: string; clicks: number }[]> {
  const values = { limit: hiveInteger(limit), ads: adsCondition(adPrefixes), ...valuesOf(part, part.runs, filter) };
  return queryHiveRowsOf(stores, popularAd, POPULAR[part.kind], values, signal);
}

const valuesOf = (
  { kind, fromMs, toMs }: { kind: ArchivePart['kind'] } & Range,
  runs: PublishedRun[],
  filter: Filter,
) => ({
  from_ms: hiveInteger(fromMs),
  to_ms: hiveInteger(toMs),
  filter: filterCondition(filter),
  ...(kind === 'run_archive' ? { days: daysBelowCuts(runs), address: ADDRESS } : { runs: partitionsOf(runs) }),
});
