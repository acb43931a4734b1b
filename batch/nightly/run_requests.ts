import { DayBusyError } from '../day/lock.ts';
import type { BatchEngines } from '../run/engines.ts';
import { ledgerReady } from '../run/ledger_ready.ts';
import { carryOut, type Redrive } from './carry_out.ts';
import { endRequest, openRequests } from './request_record.ts';

const ATTEMPTS = 3;

/** Number of attempts per request in this process. */
type Attempts = Map<string, number>;

/**
 * Does what was requested through the API: one request after the other, in the order they came. Which days are done is
 * read from the ledger (a run names its request), so a request interrupted by a kill is resumed, and no day is counted
 * twice for it. Resolves when none is open, or when the next one must be retried later.
 * @returns whether any was open
 */
export async function carryOutRequests(engines: BatchEngines, attempts: Attempts, redrive: Redrive): Promise<boolean> {
  const { clickhouse, signal } = engines;
  const open = await openRequests(clickhouse);
  for (const request of open) {
    const { request: id, request_id } = request;
    const log = engines.log.child({ request: id, request_id });
    // No attempt is lost while nothing can be published.
    await ledgerReady(engines);
    try {
      const { action, from_day, to_day, reason, requested_by } = request;
      log.info({ action, from: from_day, to: to_day, reason, requested_by }, 'request started');
      const { done, undone } = await carryOut({ ...engines, log }, request, redrive);
      if (undone.length === 0) await endRequest(engines, request, 'done', done);
      else await endRequest(engines, request, 'failed', undone.join('; '));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof DayBusyError) {
        log.info(error.message);
        return true;
      }
      const attempt = (attempts.get(request.request) ?? 0) + 1;
      attempts.set(request.request, attempt);
      log.error({ err: error, attempt }, 'request not completed');
      if (attempt < ATTEMPTS) return true;
      await endRequest(engines, request, 'failed', error instanceof Error ? error.message : String(error));
    }
  }
  return open.length > 0;
}
