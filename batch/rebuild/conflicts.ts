import { listValue } from '@duckdb/node-api';
import type { Cut } from '../../domain/cut.ts';
import { sql } from '../../infra/sql.ts';
import type { Readable } from '../archive/cold/readable.ts';
import type { DuckDBConnection } from '../archive/files/duckdb.ts';

const SQL = {
  eventIds: sql('duckdb/rebuild_event_ids.sql'),
  conflicts: sql('duckdb/rebuild_conflicts.sql'),
  annotated: sql('duckdb/rebuild_annotated.sql'),
  annotationConflicts: sql('duckdb/rebuild_annotation_conflicts.sql'),
};

type Files = Pick<Readable, 'at'>[];

/**
 * Number of clicks that share their event id with another one (distinct clicks minus distinct ids). DuckDB reads the
 * files once more for it, usually only their ids: that took 3 % of the time of Hive's count, where another grouping, by
 * id, took a quarter of it and more.
 * @param clicks distinct ones, as counted by Hive. If there are as many hashes of ids as clicks, no id came twice.
 */
export async function countConflicts(duck: DuckDBConnection, files: Files, cut: Cut, clicks: number): Promise<number> {
  if (clicks === 0) return 0;
  const ask = asking(duck, files, cut);
  if ((await ask(SQL.eventIds, 'hashes')) === clicks) return 0;
  return ask(SQL.conflicts, 'conflicts');
}

/**
 * Number of copies that have other annotations than the first copy of their click. Nearly nothing is read for it where
 * nothing is annotated, and nothing where no click has a copy.
 */
export async function countAnnotationConflicts(
  duck: DuckDBConnection,
  files: Files,
  cut: Cut,
  { clicks, archived }: { clicks: number; archived: number },
): Promise<number> {
  if (archived === clicks) return 0;
  const ask = asking(duck, files, cut);
  if ((await ask(SQL.annotated, 'annotated')) === 0) return 0;
  return ask(SQL.annotationConflicts, 'conflicts');
}

/** Asks for one number of the files below the cut. */
function asking(duck: DuckDBConnection, files: Files, cut: Cut) {
  const values = {
    paths: listValue(files.map(({ at }) => at)),
    names: listValue(Object.keys(cut)),
    offsets: listValue(Object.values(cut).map(BigInt)),
  };
  return async (query: string, column: string): Promise<number> => {
    const answer = await duck.runAndReadAll(query, values);
    return Number(answer.getRowObjects()[0]?.[column]);
  };
}
