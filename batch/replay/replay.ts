import { z } from 'zod';
import { count } from '../../domain/fields.ts';
import { DECIDED, EXCHANGED } from '../../domain/replay.ts';
import { DAY_MS, dayOf, dayStartMs } from '../../domain/time.ts';
import { rowsOf } from '../../infra/clients/clickhouse.ts';
import { endReplay, takeReplayNumber } from '../../infra/register/replays.ts';
import { sql } from '../../infra/sql.ts';
import { stagedTables } from '../../infra/staged.ts';
import { waitUntil } from '../../infra/wait.ts';
import { lockDay } from '../day/lock.ts';
import type { BatchEngines } from '../run/engines.ts';
import { lastReplay, type Replay, type ReplayFacts, recordReplay, replaysOf } from './record.ts';
import { stageAndDecide } from './stage.ts';
import { type Days, dropStaging, releaseSink, unreleased } from './staging.ts';

const DATABASES_SQL = sql('clickhouse/queries/replay_databases.sql');
const leftDatabase = z.object({ replay: count });
const EXCHANGE_STALL_MS = 120_000;

interface ReplayRequest extends Days {
  reason: string;
  requestedBy: string;
  /** The sink's setting. */
  dedupeWindowMs: number;
}

/** Throws unless the days have begun; today may be replayed. */
export function refuseUnreplayable({ from, to }: Days, nowMs: number): void {
  if (from >= to) throw new Error(`--from ${from} is not before --to ${to}`);
  const last = dayOf(dayStartMs(to) - DAY_MS);
  if (last > dayOf(nowMs)) throw new Error(`${last} has not begun yet (days are UTC): there is nothing to replay`);
}

/**
 * Derives the real-time tables of some days again from the archive, as the sink would have filled them, and makes the
 * sink exchange them. Rows of other days are unchanged. A killed replay is finished first: a decided one is completed
 * (and is the result, if it is of the same days), any other is abandoned.
 */
export async function replay(engines: BatchEngines, request: ReplayRequest): Promise<Replay> {
  refuseUnreplayable(request, await engines.clock.read());
  const lock = await lockDay(engines, 'replay');
  try {
    const ended = await endOthers(engines);
    const same = ended.findLast(({ from, to }) => from === request.from && to === request.to);
    return same ?? (await replayLocked(engines, request, lock.assertHeld));
  } finally {
    lock.release();
  }
}

/** Returns those that were completed. */
async function endOthers(engines: BatchEngines): Promise<Replay[]> {
  const { clickhouse, log } = engines;
  const ended: Replay[] = [];
  for (const left of await replaysOf(clickhouse, null)) {
    if (left.state === 'done' || left.state === 'failed') continue;
    const facts = { ...left, started_at: Date.parse(left.started_at) };
    if (
      (await endReplay(engines.register, left.replay, 'given up')) === 'decided' ||
      (await isExchanging(engines, left.replay))
    ) {
      log.info({ replay: left.replay }, 'bringing a replay to its end that was decided');
      ended.push(await finish(engines, left.replay));
    } else await abandon(engines, facts, 'its process ended before it was decided');
  }
  const rest = await rowsOf(clickhouse, leftDatabase, DATABASES_SQL);
  for (const { replay } of rest) await dropStaging(clickhouse, replay);
  return ended;
}

async function replayLocked(
  engines: BatchEngines,
  { from, to, reason, requestedBy: requested_by, dedupeWindowMs }: ReplayRequest,
  assertLocked: () => void,
): Promise<Replay> {
  const { clickhouse } = engines;
  const replay = await takeReplayNumber(engines.register, await lastReplay(clickhouse), { from, to });
  const known = { replay, from, to, reason, requested_by, started_at: Date.now() };
  const begun: ReplayFacts = { ...known, months: [], cut: {}, inputs: '', before: null, after: null };
  await recordReplay(clickhouse, 'begun', begun);
  try {
    await stageAndDecide(engines, begun, dedupeWindowMs, assertLocked);
  } catch (error) {
    // If the register cannot be reached, the sink gives the replay up when the pause has expired.
    const end = await endReplay(engines.register, replay, 'given up').catch(() => {
      throw error;
    });
    if (end === 'given up') {
      await abandon(engines, begun, error instanceof Error ? error.message : String(error));
      throw error;
    }
  }
  return finish(engines, replay);
}

/** A release without a register had decided it. */
async function isExchanging({ clickhouse }: BatchEngines, replay: number): Promise<boolean> {
  const tables = await stagedTables(clickhouse, replay);
  return tables.has(DECIDED) || tables.has(EXCHANGED);
}

async function abandon({ clickhouse }: BatchEngines, facts: ReplayFacts, why: string): Promise<void> {
  await dropStaging(clickhouse, facts.replay);
  await releaseSink(clickhouse, facts.replay);
  await recordReplay(clickhouse, 'failed', facts, why);
}

/** Waits until the sink has exchanged a decided replay. */
async function finish(engines: BatchEngines, replay: number): Promise<Replay> {
  const { clickhouse, log, signal } = engines;
  await waitUntil(
    'the realtime role to exchange the tables',
    async () => ((await unreleased(clickhouse, replay)).length === 0 ? null : `replay ${replay} is decided`),
    { stallMs: EXCHANGE_STALL_MS, everyMs: 100, onProgress: (line) => log.info(line), signal },
  );
  const staged = await onRecord(engines, replay);
  await recordReplay(clickhouse, 'done', { ...staged, started_at: Date.parse(staged.started_at) });
  await dropStaging(clickhouse, replay);
  return onRecord(engines, replay);
}

async function onRecord({ clickhouse }: BatchEngines, replay: number): Promise<Replay> {
  const found = (await replaysOf(clickhouse, null)).find((row) => row.replay === replay);
  if (!found) throw new Error(`replay ${replay} is not on record`);
  return found;
}
