import type { AdMinutesMessage, Totals } from '../../domain/ad_minutes.ts';
import type { EventKind } from '../../domain/event_kinds.ts';
import { runSource } from '../../domain/names.ts';
import type { ElasticsearchClient } from '../../infra/clients/elasticsearch.ts';
import type { Log } from '../../infra/log.ts';
import type { RunTotals } from '../documents/days.ts';
import { updateDays } from '../documents/state.ts';
import { completeRun, type IndexTarget, indexOf, markLost } from './days.ts';
import { alignAlias, type StateOfKind } from './indexes.ts';
import { type Absent, refresh } from './refresh.ts';

interface RunIndexesDeps extends StateOfKind {
  elasticsearch: ElasticsearchClient;
  log: Log;
  /** The next row for them finds out what they were. */
  forget(absent: Absent[]): Promise<void>;
}

interface RunIndexes {
  /** A run's rows were all sent: its indexes are used if they hold what was announced. */
  finish(message: AdMinutesMessage & { kind: 'run-complete' }): Promise<void>;
  /** Counts the indexes in use again: a restored copy may have them as they were before they were complete. */
  review(): Promise<void>;
}

export function createRunIndexes(deps: RunIndexesDeps): RunIndexes {
  const { elasticsearch, event, stateIndex, log, forget } = deps;
  async function finish(message: AdMinutesMessage & { kind: 'run-complete' }): Promise<void> {
    const { day, run, hours } = message;
    if (!(await isComplete({ event, day, source: runSource(run) }, message))) return;
    const hasHours = hours !== undefined && (await isComplete(hoursOf(event, message), hours));
    const { documents, clicks } = message;
    const totals: RunTotals = { minutes: { documents, clicks }, ...(hasHours && { hours }) };
    await updateDays(elasticsearch, stateIndex, (days) => completeRun(days, day, run, totals));
    // It may be current already, if its rows were sent again.
    await alignAlias(elasticsearch, deps, day);
  }

  /** Whether an index of a run holds the announced totals. */
  async function isComplete(target: IndexTarget, announced: Totals): Promise<boolean> {
    const index = indexOf(target);
    const absent = await refresh(elasticsearch, [index]);
    if (absent.length > 0) {
      await forget(absent);
      log.error({ index, announced }, 'the index is missing');
      return false;
    }
    const { hits, aggregations } = await elasticsearch.search<unknown, { clicks: { value: number } }>({
      index,
      size: 0,
      track_total_hits: true,
      allow_partial_search_results: false,
      aggs: { clicks: { sum: { field: 'clicks' } } },
    });
    const documents = typeof hits.total === 'number' ? hits.total : hits.total?.value;
    const clicks = aggregations?.clicks.value;
    if (documents === announced.documents && clicks === announced.clicks) return true;
    log.error({ index, announced, documents, clicks }, 'not what was announced: the index is not used');
    return false;
  }

  async function review(): Promise<void> {
    const { held } = await updateDays(elasticsearch, stateIndex, (days) => days);
    for (const { day, runs } of held) {
      for (const { run, complete, hours, totals } of runs) {
        const target: IndexTarget = { event, day, source: runSource(run) };
        if (complete && !(totals && (await isComplete(target, totals.minutes)))) await lose(target);
        if (hours && !(totals?.hours && (await isComplete(hoursOf(event, { day, run }), totals.hours)))) {
          await lose(hoursOf(event, { day, run }));
        }
      }
    }
  }

  async function lose(target: IndexTarget): Promise<void> {
    log.error({ index: indexOf(target) }, 'not known to be complete any more: the index is not used');
    await updateDays(elasticsearch, stateIndex, (days) => markLost(days, target));
    await alignAlias(elasticsearch, deps, target.day);
  }

  return { finish, review };
}

export const hoursOf = (event: EventKind, { day, run }: { day: string; run: number }): IndexTarget => ({
  event,
  day,
  source: runSource(run),
  grain: 'hour',
});
