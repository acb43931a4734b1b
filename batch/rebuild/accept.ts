import { requireEnded } from '../run/ended.ts';
import type { BatchEngines } from '../run/engines.ts';
import { eventsOf, figuresOf } from '../run/events.ts';
import { RefusedError } from '../run/failure.ts';
import { holdDay } from '../run/hold_day.ts';
import type { BatchRun } from '../run/ledger.ts';
import { isDayDone } from '../run/requested.ts';
import { finishRun, recorded } from './publish.ts';
import { lastRun, type RunRequest } from './rebuild.ts';

/**
 * Publishes a run blocked by reconciliation, as it was counted; the operator and the reason are recorded. Throws unless
 * the day's last run is blocked.
 */
export async function acceptBlocked(engines: BatchEngines, request: RunRequest): Promise<BatchRun> {
  const { day, reason, requestedBy, request: id, onStep } = request;
  await requireEnded(engines, [day]);
  return holdDay(engines, day, async (held) => {
    const last = await lastRun(engines, day);
    // A kill came between the publication and the end of the request.
    if (last !== null && id !== undefined && (await isDayDone(engines.clickhouse, day, id))) {
      return recorded(engines, last.file);
    }
    if (last?.state !== 'blocked' && last?.state !== 'accepted') {
      const is = last ? `its last run, ${last.file.run}, is ${last.state}` : 'it has no run yet';
      throw new RefusedError(`${day} has no blocked run to accept: ${is}`);
    }
    if (last.state === 'blocked') {
      const figures = figuresOf(await recorded(engines, last.file));
      const by = { reason, requested_by: requestedBy, ...(id !== undefined && { request: id }) };
      const accepted = { ...figures, ...by, finished_at: Date.now() };
      await eventsOf(engines, last.file, held)('accepted', accepted);
      engines.log.info({ day, run: last.file.run, reason, requestedBy }, 'accepted');
    }
    await finishRun(engines, last.file, held, onStep);
    return recorded(engines, last.file);
  });
}
