import type { RedriveResult, RunsRequest } from '../../domain/run_request.ts';
import { daysBetween } from '../../domain/time.ts';
import { atMostEvery } from '../../infra/at_most_every.ts';
import { acceptBlocked } from '../rebuild/accept.ts';
import { previewDay } from '../rebuild/preview.ts';
import { type RunRequest, rebuildIfNeeded } from '../rebuild/rebuild.ts';
import { rollback } from '../rebuild/rollback.ts';
import type { BatchEngines } from '../run/engines.ts';
import { RefusedError, RunBlockedError, RunFailedError } from '../run/failure.ts';
import { isDayDone } from '../run/requested.ts';
import { type OpenRequest, Progress } from './request_record.ts';

/** Sends rejected lines again, of one reason or (null) of all. Safe to repeat. */
export type Redrive = (rejectedFor: string | null, report: (progress: string) => void) => Promise<RedriveResult>;

/** A re-drive tells of every batch it reads. */
const REPORT_EVERY_MS = 2_000;

/** Ads of a preview that are kept for whoever asked. */
const KEPT_ADS = 100;

interface Outcome {
  /** What was done, in words. */
  done: string;
  /** Why not all of it was; a failed day does not stop the others. */
  undone: string[];
}

/** What is left of a request. Throws what may go better next time. */
export async function carryOut(engines: BatchEngines, request: OpenRequest, redrive: Redrive): Promise<Outcome> {
  const progress = new Progress(engines, request);
  if (request.action === 'redrive') {
    const rejectedFor = request.rejected_for === '' ? null : request.rejected_for;
    const isTime = atMostEvery(REPORT_EVERY_MS);
    const result = await redrive(rejectedFor, (words) => {
      if (isTime()) progress.step('', words);
    });
    await progress.over('', { result: JSON.stringify(result) });
    return { done: `${result.sent} sent`, undone: [] };
  }
  const days = daysBetween(request.from_day, request.to_day);
  const settled = new Set(request.over.map(({ day }) => day));
  const undone = request.over.map(({ note }) => note).filter((note) => note !== '');
  for (const day of days) {
    if (settled.has(day)) continue;
    const onStep = (step: string): void => progress.step(day, step);
    try {
      await progress.over(day, { result: await ofDay(engines, request, { ...askedOf(request), day, onStep }) });
    } catch (error) {
      if (!isFinal(error)) throw error;
      engines.log.error({ day }, error.message);
      await progress.over(day, { note: error.message });
      undone.push(error.message);
    }
  }
  return { done: days.length === 1 ? '1 day' : `${days.length} days`, undone };
}

const askedOf = ({ request, reason, requested_by, request_id }: RunsRequest) => ({
  request,
  reason,
  requestedBy: requested_by,
  requestId: request_id,
});

const isFinal = (error: unknown): error is Error =>
  error instanceof RunFailedError || error instanceof RunBlockedError || error instanceof RefusedError;

/** Returns what was found, as JSON; '': the ledger says it. */
async function ofDay(
  engines: BatchEngines,
  { action, run, request }: RunsRequest,
  asked: RunRequest & { request: string },
): Promise<string> {
  const { day } = asked;
  switch (action) {
    case 'preview': {
      const { ads, ...totals } = await previewDay(engines, asked);
      return JSON.stringify({ ...totals, ads: ads.slice(0, KEPT_ADS) });
    }
    case 'accept':
      await acceptBlocked(engines, asked);
      return '';
    case 'rollback':
      await rollback(engines, { ...asked, run });
      return '';
    default:
      await rebuildIfNeeded(engines, asked, async () => !(await isDayDone(engines.clickhouse, day, request)));
      return '';
  }
}
