import { z } from 'zod';
import type { EventKind } from '../../../domain/event_kinds.ts';
import { count, day, time } from '../../../domain/fields.ts';
import { parsed } from '../../../domain/parse.ts';
import {
  preview,
  type RequestState,
  redriveResult,
  requestedAction,
  requestState,
  stateOfKinds,
} from '../../../domain/run_request.ts';
import { sql } from '../../../infra/sql.ts';
import { Problem } from '../contract/problem.ts';
import { queryRowsOf, type Stores } from '../stores/engines.ts';

const REQUEST = sql('clickhouse/queries/api_request.sql');

const requestRow = z.object({
  action: requestedAction,
  from: day,
  to: day,
  run: count,
  rejected_for: z.string(),
  reason: z.string(),
  requested_by: z.string(),
  request_id: z.string(),
  asked_at: time,
  at: time,
  state: requestState,
  day: z.string(),
  step: z.string(),
  days_over: count,
  note: z.string(),
  results: z.array(z.string()),
});
type RequestRow = z.infer<typeof requestRow>;

/** How far a request is, with what was found. Throws a Problem if there is no such request. */
export async function readProgress(kinds: readonly Stores[], request: string, signal: AbortSignal) {
  const found = await Promise.all(
    kinds.map(async (stores) => {
      const rows = await queryRowsOf(stores, requestRow, REQUEST, { request }, signal);
      return rows.map((row) => ({ event: stores.event, row }));
    }),
  );
  const all = found.flat();
  const [first] = all;
  if (first === undefined) {
    throw new Problem(404, 'not-found', 'No such resource', `nothing was asked for with the id ${request}`);
  }
  const { action, from, to, run, rejected_for, reason, requested_by, request_id, asked_at } = first.row;
  const isOfDays = action !== 'redrive';
  return {
    request,
    action,
    from: isOfDays ? from : null,
    to: isOfDays ? to : null,
    run: run === 0 ? null : run,
    rejected_for: rejected_for === '' ? null : rejected_for,
    reason,
    requested_by,
    request_id: request_id === '' ? null : request_id,
    asked_at,
    state: stateOfKinds(all.map(({ row }) => row.state)) satisfies RequestState,
    kinds: all.map(({ event, row }) => kindOf(event, row)),
    previews: action === 'preview' ? all.flatMap(({ event, row }) => previewsOf(event, row)) : [],
    redriven: isOfDays ? null : redrivenOf(first.row),
  };
}

const kindOf = (event: EventKind, { state, day, step, at, days_over, note }: RequestRow) => ({
  event,
  state,
  day: day === '' ? null : day,
  step: step === '' ? null : step,
  at,
  days_over,
  note,
});

const previewsOf = (event: EventKind, { results }: RequestRow) =>
  results.map((text) => ({ event, ...parsed(preview, JSON.parse(text), 'a preview in ads.run_requests') }));

const redrivenOf = ({ results: [text] }: RequestRow) =>
  text === undefined ? null : parsed(redriveResult, JSON.parse(text), 'a re-drive in ads.run_requests');
