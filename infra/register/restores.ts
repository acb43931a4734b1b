import { z } from 'zod';
import { time } from '../../domain/fields.ts';
import { iso } from '../../domain/time.ts';
import { reportFinding, settleFinding } from './findings.ts';
import { lastNumber, numbered, type Register } from './register.ts';

/** Engines that are filled again, or gone on with, when they were lost. */
type LostEngine = 'clickhouse' | 'elasticsearch' | 'kafka';

const begun = (engine: LostEngine): string => `restores/begun/${engine}/`;
const ended = (engine: LostEngine, n: number): string => `restores/ended/${engine}/${numbered(n)}`;
const findingName = (engine: LostEngine): string => `restore-${engine}`;
const record = z.object({ at: time });
/** `lost`: the id of the one that was lost; null: none was on record. */
const begunRecord = record.extend({ lost: z.string().nullable().default(null) });

const WHAT: Record<LostEngine, string> = {
  clickhouse: 'ClickHouse was lost and is not back yet: days that are not answer 503',
  elasticsearch: 'Elasticsearch was lost and is not back yet: answers come from ClickHouse',
  kafka: 'Kafka was lost, and nothing is counted until the platform goes on with another one',
};

/**
 * The number of the restore of an engine that was asked for and has not ended; null: none. While there is one, an empty
 * engine is taken for the one that was lost.
 */
export async function openRestore(register: Register, engine: LostEngine): Promise<number | null> {
  const last = lastNumber(await register.list(begun(engine)));
  return last === 0 || (await register.read(record, ended(engine, last))) !== null ? null : last;
}

/** The id of the engine that an open restore gives up. */
export const lostEngine = async (register: Register, engine: LostEngine, restore: number): Promise<string | null> =>
  (await register.read(begunRecord, `${begun(engine)}${numbered(restore)}`))?.lost ?? null;

/**
 * Has an empty engine taken for the one that was lost, from now on. Idempotent.
 * @param lost the id of that one, where it is given up for good
 */
export async function beginRestore(
  register: Register,
  engine: LostEngine,
  nowMs: number,
  lost: string | null = null,
): Promise<void> {
  const last = lastNumber(await register.list(begun(engine)));
  if ((await openRestore(register, engine)) === null) {
    // Taken: another process begins the same.
    await register.create(`${begun(engine)}${numbered(last + 1)}`, { at: iso(nowMs), ...(lost !== null && { lost }) });
  }
  await reportFinding(register, findingName(engine), {
    code: 'restoring',
    what: WHAT[engine],
    mend: './clickledger restore',
    range: null,
    is_operational: true,
    found_at: iso(nowMs),
  });
}

export async function endRestore(register: Register, engine: LostEngine, how: string, nowMs: number): Promise<void> {
  const open = await openRestore(register, engine);
  if (open !== null) await register.create(ended(engine, open), { at: iso(nowMs) });
  await settleFinding(register, findingName(engine), how);
}

const HIVE_LOST = 'restore-hive';

/** The tables are made again, and the days of the archive come back by themselves; runs do not. */
export const reportHiveLost = (register: Register, nowMs: number): Promise<void> =>
  reportFinding(register, HIVE_LOST, {
    code: 'hive_lost',
    what: 'Hive has lost its metastore: no run from before is visible there',
    mend: '"./clickledger restore" makes them visible again',
    range: null,
    found_at: iso(nowMs),
  });

export const settleHiveLost = (register: Register): Promise<void> =>
  settleFinding(register, HIVE_LOST, 'its runs are visible again');
