import { z } from 'zod';
import { day } from '../../domain/fields.ts';
import { stateIndexOf } from '../../domain/names.ts';
import { DAY_MS } from '../../domain/time.ts';
import { rowsOf } from '../../infra/clients/clickhouse.ts';
import { sql } from '../../infra/sql.ts';
import { waitUntil } from '../../infra/wait.ts';
import { lockedUnlessBusy } from '../day/lock.ts';
import { openRunsQueue } from '../rebuild/send.ts';
import { giveUpRealtime } from '../replay/search.ts';
import type { BatchEngines } from '../run/engines.ts';
import { readHeldDays } from '../run/held_days.ts';
import { currentRuns } from '../run/ledger.ts';

const PUBLISHED_BEFORE = sql('clickhouse/queries/batch_published_before.sql');
const publishedDay = z.object({ day });

const STALL_MS = 180_000;

type Engines = Pick<
  BatchEngines,
  | 'clickhouse'
  | 'elasticsearch'
  | 'event'
  | 'admin'
  | 'producer'
  | 'topics'
  | 'log'
  | 'register'
  | 'archiveDir'
  | 'signal'
>;

/**
 * Has the indexer delete, of days whose run was published more than `indexDays` days ago, all indexes but those of that
 * run. Real time would be needed by a roll-back to it only, which ClickHouse answers; a former run that is gone back to is
 * sent again.
 */
export async function dropOldIndexes(
  engines: Engines,
  indexDays: number,
  nowMs: number,
  stateIndex = stateIndexOf(engines.event),
): Promise<void> {
  const { clickhouse, log } = engines;
  const held = await readHeldDays(engines, stateIndex);
  const before = { before_ms: nowMs - indexDays * DAY_MS };
  const old = (await rowsOf(clickhouse, publishedDay, PUBLISHED_BEFORE, before)).map((row) => row.day);
  const inRealtime = old.filter((day) => (held.get(day)?.realtime ?? 'none') !== 'none');
  if (inRealtime.length > 0) {
    await giveUpRealtime(engines, inRealtime);
    log.info({ days: inRealtime }, 'the real-time indexes of days published long ago are given up');
  }
  const current = await currentRuns(clickhouse);
  for (const day of old) {
    const former = held.get(day)?.runs.filter(({ run }) => run !== current.get(day)?.run) ?? [];
    if (former.length > 0) await giveUpFormerRuns(engines, day, stateIndex);
  }
}

/** Returns when they are gone. Until then nobody goes back to one of them, and takes it for one that is there. */
function giveUpFormerRuns(engines: Engines, day: string, stateIndex: string): Promise<void> {
  const { admin, producer, topics, log, signal } = engines;
  return lockedUnlessBusy(engines, day, async () => {
    const { run: current } = (await currentRuns(engines.clickhouse)).get(day) ?? { run: 0 };
    const queue = await openRunsQueue(admin, producer, topics.adMinutes);
    await queue.send({ kind: 'former-runs-given-up', days: [day] });
    await queue.flush();
    const ask = async (): Promise<string | null> => {
      const { runs = [], awaited = null } = (await readHeldDays(engines, stateIndex)).get(day) ?? {};
      const former = runs.filter(({ run }) => run !== current && run !== awaited);
      return former.length === 0 ? null : `${former.length} to go`;
    };
    const onProgress = (line: string) => log.info(line);
    await waitUntil(`the indexer role to give former runs of ${day} up`, ask, {
      stallMs: STALL_MS,
      everyMs: 100,
      onProgress,
      signal,
    });
    log.info({ day }, 'the indexes of former runs of a day published long ago are given up');
  });
}
