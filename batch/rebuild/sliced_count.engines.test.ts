import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { EventKind } from '../../domain/event_kinds.ts';
import { DAY_MS, dayOf } from '../../domain/time.ts';
import { rows } from '../../infra/clients/clickhouse.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { readConfig } from '../../infra/config.ts';
import { clicksOfDay, countInRealtime, startTestArchive, TestArchive } from '../../test/support/batch.ts';
import { testDays } from '../../test/support/days.ts';
import { type BatchEngines, withBatchHive } from '../run/engines.ts';
import { batchRuns } from '../run/ledger.ts';
import { Turns } from '../run/turns.ts';
import { rebuildDay } from './rebuild.ts';

const urls = engineUrls(readConfig(inject('env')));
const FIRST_DAY_MS = testDays(2);
const [SLICED, BESIDE] = [0, 1].map((n) => dayOf(FIRST_DAY_MS + n * DAY_MS)) as [string, string];
const HOURS = 24;
/** With 640 rows a day: eight slices of three hours. */
const SLICE_ROWS = 85;
const LIMIT_MS = 300_000;
const archive = new TestArchive(urls.kafka);
let engines: BatchEngines;
let closeAll: () => Promise<void>;

beforeAll(async () => {
  ({ engines, close: closeAll } = await startTestArchive(archive, urls));
});
afterAll(() => closeAll());

const rebuild = (day: string, some: Partial<BatchEngines> = {}) =>
  rebuildDay({ ...engines, ...some }, { day, reason: 'test', requestedBy: 'test' });

/** A day with clicks in every hour, some of them twice, some with the id of another. */
async function arrive(day: string): Promise<void> {
  const clicks = clicksOfDay(day, 600, 'sliced');
  const conflicts = clicks.slice(30, 40).map((click) => ({ ...click, ip: '10.9.9.9' }));
  await countInRealtime(engines.clickhouse, await archive.send([...clicks, ...clicks.slice(0, 30), ...conflicts]));
  await archive.commit(engines.sinkGroup, await archive.ends());
}

const inClickHouse = (day: string) =>
  rows(
    engines.clickhouse,
    `SELECT ad_id, toUnixTimestamp(click_minute) AS minute, country, clicks FROM ads.clicks_per_minute
     WHERE toDate(click_minute) = {day:Date} AND ad_id LIKE 'sliced-%' ORDER BY ad_id, minute, country`,
    { day },
  );

const inHive = (day: string, run: number) =>
  withBatchHive(engines, (hive) =>
    hive.rows(
      `SELECT ad_id, click_minute AS minute, country, clicks FROM ads.clicks_per_minute_runs
       WHERE dt = '${day}' AND run = ${run} ORDER BY ad_id, minute, country`,
    ),
  );

const facts = ({
  clicks,
  copies_dropped,
  conflicts,
  late_included,
  verdict,
  state,
}: Awaited<ReturnType<typeof rebuild>>) => ({
  clicks,
  copies_dropped,
  conflicts,
  late_included,
  verdict,
  state,
});

/** Counts the statements. */
class Statements extends Turns {
  made = 0;

  override run<T>(event: EventKind, work: () => Promise<T>): Promise<T> {
    this.made += 1;
    return super.run(event, work);
  }
}

test('counted in slices, and killed between two of them, a day has the run that it has in one piece', {
  timeout: LIMIT_MS,
}, async () => {
  await arrive(SLICED);
  const whole = await rebuild(SLICED);
  expect(facts(whole)).toMatchObject({ clicks: 610, copies_dropped: 30, conflicts: 10, verdict: 'balanced' });
  const wholeDay = [await inClickHouse(SLICED), await inHive(SLICED, 1)];

  const killed = new (class extends Statements {
    override run<T>(event: EventKind, work: () => Promise<T>): Promise<T> {
      return this.made === 10 ? Promise.reject(new Error('killed')) : super.run(event, work);
    }
  })();
  await expect(rebuild(SLICED, { sliceRows: 0, turns: killed })).rejects.toThrow('killed');
  const turns = new Statements();
  const sliced = await rebuild(SLICED, { sliceRows: 0, turns });
  expect(turns.made).toBe(HOURS - 10);
  expect([sliced.run, facts(sliced)]).toEqual([2, facts(whole)]);
  expect([await inClickHouse(SLICED), await inHive(SLICED, 2)]).toEqual(wholeDay);
  expect((await batchRuns(engines.clickhouse, SLICED)).map(({ run, state }) => [run, state])).toEqual([
    [1, 'superseded'],
    [2, 'published'],
  ]);
  expect(existsSync(join(engines.archiveDir, 'runs-slices', `dt=${SLICED}`, 'run=2'))).toBe(false);
});

test('a run of clicks begins between two slices of another kind', { timeout: LIMIT_MS }, async () => {
  const shared = new Turns();
  const log: string[] = [];
  const logged = <T>(event: EventKind, work: () => Promise<T>): Promise<T> => {
    log.push(`${event} asks`);
    return shared.run(event, async () => {
      log.push(`${event} begins`);
      return work();
    });
  };
  let clicks: Promise<unknown> | undefined;
  await arrive(BESIDE);
  const others = rebuild(BESIDE, {
    sliceRows: SLICE_ROWS,
    turns: {
      run: (_, work) => {
        // Requested while the first slice is counted.
        clicks ??= rebuild(SLICED, { turns: { run: logged } });
        return logged('impression', work);
      },
    },
  });
  expect((await others).state).toBe('published');
  await clicks;
  const asked = log.indexOf('click asks');
  const begun = log.indexOf('click begins');
  const between = log.slice(asked, begun).filter((entry) => entry === 'impression begins');
  expect(between).toEqual([]);
  expect(log.slice(begun).filter((entry) => entry === 'impression begins').length).toBeGreaterThan(1);
});
