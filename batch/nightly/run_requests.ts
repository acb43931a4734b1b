import { daysBetween } from '../../domain/time.ts';
import { DayBusyError } from '../day/lock.ts';
import { rebuildIfNeeded } from '../rebuild/rebuild.ts';
import type { BatchEngines } from '../run/engines.ts';
import { RunBlockedError, RunFailedError } from '../run/failure.ts';
import { ledgerReady } from '../run/ledger_ready.ts';
import { endRequest, isDayDone, openRequests, type RunsRequest } from './request_record.ts';

const ATTEMPTS = 3;

/** Number of attempts per request in this process. */
type Attempts = Map<string, number>;

/**
 * Makes the runs requested through the API: one request after the other, in the order they came. Which days are done is
 * read from the ledger (a run names its request), so a request interrupted by a kill is resumed, and no day is counted
 * twice for it. Returns when none is open, or when the next one must be retried later.
 */
export async function carryOutRequests(engines: BatchEngines, attempts: Attempts = new Map()): Promise<void> {
  const { clickhouse, log, signal } = engines;
  for (const request of await openRequests(clickhouse)) {
    // No attempt is lost while nothing can be published.
    await ledgerReady(engines);
    try {
      const { from_day, to_day, reason, requested_by } = request;
      log.info({ request: request.request, from: from_day, to: to_day, reason, requested_by }, 'request started');
      const unpublished = await makeRuns(engines, request);
      const days = daysBetween(from_day, to_day).length;
      if (unpublished.length === 0) await endRequest(engines, request, 'done', `${days} days`);
      else await endRequest(engines, request, 'failed', unpublished.join('; '));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof DayBusyError) return void log.info(error.message);
      const attempt = (attempts.get(request.request) ?? 0) + 1;
      attempts.set(request.request, attempt);
      log.error({ err: error, request: request.request, attempt }, 'request not completed');
      if (attempt < ATTEMPTS) return;
      await endRequest(engines, request, 'failed', error instanceof Error ? error.message : String(error));
    }
  }
}

/** Why days of the request have no new run; a failed day does not stop the others. */
async function makeRuns(engines: BatchEngines, { request, from_day, to_day, reason, requested_by }: RunsRequest) {
  const unpublished: string[] = [];
  for (const day of daysBetween(from_day, to_day)) {
    const isNeeded = async () => !(await isDayDone(engines.clickhouse, day, request));
    try {
      await rebuildIfNeeded(engines, { day, reason, requestedBy: requested_by, request }, isNeeded);
    } catch (error) {
      if (!(error instanceof RunFailedError) && !(error instanceof RunBlockedError)) throw error;
      engines.log.error({ day, request }, error.message);
      unpublished.push(error.message);
    }
  }
  return unpublished;
}
