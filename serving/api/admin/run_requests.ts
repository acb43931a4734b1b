import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { REJECT_REASONS } from '../../../domain/click/click.ts';
import { EVENT_KINDS } from '../../../domain/event_kinds.ts';
import { count, time } from '../../../domain/fields.ts';
import type { RequestedAction, RunsRequest } from '../../../domain/run_request.ts';
import { DAY_MS, dayOf, dayStartMs, isDay, iso, YEAR_2000_MS } from '../../../domain/time.ts';
import { sha256Hex } from '../../../infra/hash.ts';
import type { Register } from '../../../infra/register/register.ts';
import { Serial } from '../../../infra/serial.ts';
import { sql } from '../../../infra/sql.ts';
import type { Caller } from '../contract/access.ts';
import { badParameters, Problem } from '../contract/problem.ts';
import { isWellFormed, textParam } from '../parameters/values.ts';
import { memoizeByObject } from '../stores/cached_read.ts';
import { engineCall, queryRowsOf, type Stores } from '../stores/engines.ts';

const OPEN_REQUESTS = sql('clickhouse/queries/api_open_requests.sql');

const MAX_DAYS = 366;
/** Requests that may wait to be carried out, and days in all of them together: each is counted in seconds or minutes. */
const MOST_OPEN = 20;
const MOST_OPEN_DAYS = 3 * MAX_DAYS;
const MAX_REASON = 500;
const MAX_WHO = 100;

const day = z
  .string('a UTC day such as 2021-01-01')
  .refine((text) => isDay(text) && dayStartMs(text) >= YEAR_2000_MS, 'a UTC day such as 2021-01-01, not before 2000');

/** Who asks for it and why: kept with what is made of it. */
const because = {
  reason: z.string('why, in words').trim().min(1, 'why, in words').max(MAX_REASON, `at most ${MAX_REASON} characters`),
  who: textParam(`who asks, in 1 to ${MAX_WHO} characters; the name of the token stands beside it`, (text) => {
    const who = text.trim();
    return who.length > 0 && who.length <= MAX_WHO && isWellFormed(who) ? who : null;
  }).optional(),
};
const event = z.enum(EVENT_KINDS, `a kind of event: ${EVENT_KINDS.join(', ')}`).optional();

export const runsBody = z.object({
  event,
  from: day,
  to: day,
  preview: z.boolean('true or false').optional(),
  accept: z.boolean('true or false').optional(),
  ...because,
});

export const rollbackBody = z.object({
  event,
  date: day,
  run: z.int('the number of a run').min(1, 'the number of a run').max(999_999_999, 'the number of a run'),
  ...because,
});

export const redriveBody = z.object({
  rejected_for: z.enum(REJECT_REASONS, `a reason of rejections: ${REJECT_REASONS.join(', ')}`).optional(),
  ...because,
});

/** Throws a Problem for both. */
export function actionOf({
  preview = false,
  accept = false,
}: {
  preview?: boolean | undefined;
  accept?: boolean | undefined;
}): RequestedAction {
  if (preview && accept) {
    throw badParameters([{ parameter: 'accept', expected: 'not with "preview": a preview publishes nothing' }]);
  }
  return preview ? 'preview' : accept ? 'accept' : 'rebuild';
}

/** Throws a Problem unless the days have ended and are not too many. */
export function checkDays({ from, to }: { from: string; to: string }, nowMs: number): void {
  const today = dayOf(nowMs);
  if (from >= to) throw badParameters([{ parameter: 'from', expected: `a day before "to" (${to})`, got: from }]);
  if (to > today) {
    throw badParameters([{ parameter: 'to', expected: `at most ${today}: only ended days can be recounted`, got: to }]);
  }
  if (daysBetween(from, to) > MAX_DAYS) {
    throw badParameters([{ parameter: 'to', expected: `at most ${MAX_DAYS} days after "from"`, got: to }]);
  }
}

const daysBetween = (from: string, to: string): number => (dayStartMs(to) - dayStartMs(from)) / DAY_MS;

export const dayAfter = (day: string): string => dayOf(dayStartMs(day) + DAY_MS);

interface Site {
  /** Says which request a key was first sent with. */
  register: Register;
  /** Whom it is for. */
  kinds: Pick<Stores, 'clickhouse' | 'event'>[];
}

interface Asked extends Pick<RunsRequest, 'action' | 'run' | 'rejected_for' | 'reason'> {
  from: string;
  to: string;
  who: string | undefined;
}

/** Records a request for each kind; the nightly role picks it up within seconds. */
export async function recordRequest(
  { register, kinds }: Site,
  { from, to, who, ...asked }: Asked,
  { caller, idempotencyKey, requestId }: { caller: Caller; idempotencyKey: string | null; requestId: string },
  nowMs: number,
) {
  const requested_by = who === undefined ? caller.name : `${who} (${caller.name})`;
  const events = kinds.map((stores) => stores.event);
  const key = idempotencyKey === null ? null : `${caller.name}\n${idempotencyKey}`;
  // A re-drive is for no days: it is the same one after midnight.
  const days = asked.action === 'redrive' ? [] : [from, to];
  const content = sha256Hex(JSON.stringify([asked, days, requested_by, events]));
  const {
    request,
    at,
    request_id = '',
  } = await remembered(register, key, { asked: content, request_id: requestId }, nowMs);
  const row: RunsRequest = { ...asked, request, from_day: from, to_day: to, requested_by, request_id };
  // A nightly role of an earlier release takes every row that is 'asked' for a recount.
  const state = asked.action === 'rebuild' ? 'asked' : 'wanted';
  const values = [{ ...row, state, note: '', recorded_at: at }];
  const record = ({ clickhouse }: Pick<Stores, 'clickhouse'>) =>
    engineCall('clickhouse', clickhouse.insert({ table: 'run_requests', values, format: 'JSONEachRow' }));
  // One after the other: each is counted before the next one is let in.
  await recordingOf(register).run(async () => {
    await requireRoom(kinds, { request, days: daysBetween(from, to) });
    // The first kind last: a request that failed half-way is asked for again, and the answer names the runs of this kind.
    // One that is repeated is recorded again as it was, which changes nothing.
    for (const stores of kinds.toReversed()) await record(stores);
  });
  const event = events[0] ?? 'click';
  return {
    request,
    action: asked.action,
    from,
    to,
    reason: asked.reason,
    requested_by,
    runs: `/v1/runs?request=${request}${event === 'click' ? '' : `&event=${event}`}`,
    progress: `/v1/run_requests/${request}`,
  };
}

const recordingOf = memoizeByObject((_: Register) => new Serial());

const openRequest = z.object({ request: z.string(), days: count, is_open: z.boolean() });

/** Throws a Problem if as many requests, or days in them, wait as the nightly role can do in a few hours. */
async function requireRoom(kinds: Site['kinds'], asked: { request: string; days: number }): Promise<void> {
  const { signal } = new AbortController();
  const ofKinds = await Promise.all(
    kinds.map((stores) => queryRowsOf(stores, openRequest, OPEN_REQUESTS, { request: asked.request }, signal)),
  );
  // A request for several kinds is one.
  const known = new Map(ofKinds.flat().map((row) => [row.request, row]));
  if (known.has(asked.request)) return;
  const open = [...known.values()].filter(({ is_open }) => is_open);
  const days = open.reduce((sum, request) => sum + request.days, 0);
  if (open.length < MOST_OPEN && days + asked.days <= MOST_OPEN_DAYS) return;
  const detail = `${open.length} requests for ${days} days are not carried out yet, and at most ${MOST_OPEN} for ${MOST_OPEN_DAYS} days may wait: ask again when some are`;
  throw new Problem(429, 'too-many-requests-open', 'Too much is asked for already', detail);
}

const firstSent = z.object({
  request: z.uuid(),
  asked: z.string(),
  at: time,
  /** An earlier release wrote none. */
  request_id: z.string().optional(),
});

/** The request that a key was first sent with, or a new one. Throws a Problem if something else was asked with the key. */
async function remembered(
  register: Register,
  key: string | null,
  sent: { asked: string; request_id: string },
  nowMs: number,
): Promise<z.output<typeof firstSent>> {
  const fresh = { request: randomUUID() as string, ...sent, at: iso(nowMs) };
  if (key === null) return fresh;
  const place = `run_requests/${sha256Hex(key)}`;
  const first = await inRegister(async () => {
    return (await register.create(place, fresh)) === 'made' ? fresh : await register.read(firstSent, place);
  });
  if (first?.asked === sent.asked) return first;
  const detail = 'another request was sent with this Idempotency-Key: take a new one for a new request';
  throw new Problem(422, 'key-used', 'The key is of another request', detail);
}

async function inRegister<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const detail = 'the register, which knows the keys of requests, cannot be read';
    throw new Problem(503, 'register-unavailable', 'Nothing can be asked for now', detail, {}, error);
  }
}
