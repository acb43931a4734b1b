import { z } from 'zod';
import { day } from '../../../domain/fields.ts';
import { minutesKeptSinceMs, monthNumber, runMinutesKeptSinceMs } from '../../../domain/retention.ts';
import { ceilTo, DAY_MS, dayStartMs, HOUR_MS, MINUTE_MS, minuteOf } from '../../../domain/time.ts';
import { sql } from '../../../infra/sql.ts';
import { NOTHING_EXPIRED, runKey, withArchive } from '../../planner/archive.ts';
import type { Plan } from '../../planner/parts.ts';
import type { Question } from '../../planner/question.ts';
import { queryRowsOf } from '../stores/engines.ts';
import { daysOf, readRawMissing } from '../stores/ledger.ts';
import { minuteBounds, runParams } from '../stores/query_params.ts';
import type { QuestionContext } from './context.ts';

const DAYS_GONE = sql('clickhouse/queries/api_days_gone.sql');
const RUNS_GONE = sql('clickhouse/queries/api_runs_gone.sql');

const dayGone = z.object({ date: day });
const runGone = z.object({ date: day, run: z.int().min(1) });

/** Rows that expire during a question count as expired before it. */
const AHEAD_MS = HOUR_MS;
/** A click's time is at most this far after its arrival. */
const EARLIEST_MS = DAY_MS;
/** Nightly runs leave no clicks uncounted for longer: a day first counted after this time has no older arrivals. */
const UNCOUNTED_MS = 180 * DAY_MS;

type Asked = Pick<Question, 'adId' | 'fromMs' | 'toMs'>;

/** Published days of a question whose raw clicks are not, or may not be, all in ClickHouse: any more, or yet again. */
export async function readExpiredDays(context: QuestionContext, question: Asked): Promise<ReadonlySet<string>> {
  const [expired, missing] = await Promise.all([
    readDroppedDays(context, question),
    readRawMissing(context.stores, question),
  ]);
  return missing.length === 0 ? expired : new Set([...expired, ...missing]);
}

async function readDroppedDays(context: QuestionContext, question: Asked): Promise<ReadonlySet<string>> {
  const {
    stores,
    clock: { nowMs },
    signal,
  } = context;
  const sinceMs = await stores.rawSinceMs(nowMs + AHEAD_MS);
  if (question.fromMs >= sinceMs + EARLIEST_MS) return NOTHING_EXPIRED.rawDays;
  const minutes = { fromMs: minuteOf(question.fromMs), toMs: ceilTo(question.toMs, MINUTE_MS) };
  const days = await queryRowsOf(
    context,
    dayGone,
    DAYS_GONE,
    {
      ad_id: question.adId ?? '',
      month: monthNumber(sinceMs),
      ...minuteBounds(minutes),
      ...daysOf(question),
      counted_before_ms: minutesKeptSinceMs(nowMs + AHEAD_MS) + UNCOUNTED_MS,
    },
    signal,
  );
  // Later days, including future ones, are complete.
  return new Set(days.map(({ date }) => date).filter((date) => dayStartMs(date) < sinceMs + EARLIEST_MS));
}

/** The plan with Hive in place of ClickHouse for expired rows. */
export async function planWithArchive(
  context: QuestionContext,
  plan: Plan,
  rawDays: ReadonlySet<string>,
): Promise<Plan> {
  const runs = plan.parts.flatMap((part) => (part.kind === 'run_minutes' ? part.runs : []));
  if (runs.length === 0) return withArchive(plan, { rawDays, runs: NOTHING_EXPIRED.runs });
  const recorded = await context.stores.minutesGone();
  // Before there was a record, they may have been dropped by hand.
  const unrecordedSinceMs = runMinutesKeptSinceMs(context.clock.nowMs + AHEAD_MS);
  const old = runs.filter((run) => !recorded.has(runKey(run)) && dayStartMs(run.date) < unrecordedSinceMs);
  const byHand = old.length === 0 ? [] : await queryRowsOf(context, runGone, RUNS_GONE, runParams(old), context.signal);
  return withArchive(plan, { rawDays, runs: new Set([...recorded, ...byHand.map(runKey)]) });
}
