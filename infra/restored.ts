import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Restored, type RestoredRow, type RestoreStep, restoredOf, restoredRow } from '../domain/restored.ts';
import { type ClickHouseClient, rowsOf } from './clients/clickhouse.ts';
import { sql } from './sql.ts';

export const RESTORED = sql('clickhouse/queries/restored.sql');
const IS_THERE = sql('clickhouse/queries/restored_is_there.sql');
const found = z.object({ is_there: z.boolean() });

/** The command that brings a lost engine back. */
export const RESTORE = './clickledger restore';
/** The same, and Kafka is given up for another one. */
export const NEW_KAFKA = `${RESTORE} --new-kafka`;

/** Null: the kind's tables were never lost. */
export async function readRestored(clickhouse: ClickHouseClient): Promise<Restored | null> {
  // An earlier release made no such table.
  const [table] = await rowsOf(clickhouse, found, IS_THERE);
  return table?.is_there ? restoredOf(await rowsOf(clickhouse, restoredRow, RESTORED)) : null;
}

/** Why what is derived from the tables of a kind must wait; null: nothing is missing there. */
export async function whyRestoring(clickhouse: ClickHouseClient, until: RestoreStep = 'ended'): Promise<string | null> {
  const restored = await readRestored(clickhouse);
  if (restored === null || restored.steps.has(until)) return null;
  return `ClickHouse was lost, and what it had is not back: "${RESTORE}" brings it back, and goes on where it was stopped`;
}

/** For what reads or writes the tables as a whole. */
export async function refuseWhileRestoring(clickhouse: ClickHouseClient, until?: RestoreStep): Promise<void> {
  const why = await whyRestoring(clickhouse, until);
  if (why !== null) throw new Error(why);
}

/** Resolves when it is stored, with what was found out by the step: all of it or nothing. */
export const recordRestored = (
  clickhouse: ClickHouseClient,
  step: RestoreStep,
  about: Partial<Omit<RestoredRow, 'step'>> = {},
  withheld: Pick<RestoredRow, 'day' | 'run' | 'facts'>[] = [],
): Promise<unknown> =>
  clickhouse.insert({
    table: 'restored',
    values: [{ step, ...about }, ...withheld.map((one) => ({ step: 'withheld' satisfies RestoreStep, ...one }))],
    columns: ['step', 'day', 'run', 'facts'],
    format: 'JSONEachRow',
    query_id: `clickledger-restore-${clickhouse.database}-${step}-${randomUUID()}`,
    clickhouse_settings: { async_insert: 0 },
  });
