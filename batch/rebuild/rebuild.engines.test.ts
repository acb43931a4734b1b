import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Click } from '../../domain/click/click.ts';
import { hoursIndex, minutesIndex, minutesName, runPartition, runSource } from '../../domain/names.ts';
import { DAY_MS, dayOf, dayStartMs, floorTo, HOUR_MS, minuteOf } from '../../domain/time.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { readConfig } from '../../infra/config.ts';
import { announceMinutesGone } from '../../infra/minutes_gone.ts';
import { waitUntil } from '../../infra/wait.ts';
import { clicksOfDay, countInRealtime, startTestArchive, TestArchive } from '../../test/support/batch.ts';
import { testDays } from '../../test/support/days.ts';
import {
  countsOf,
  type MinuteRow,
  minutesInClickHouse,
  minutesInHive,
  oracle,
} from '../../test/support/minute_counts.ts';
import { watch } from '../../test/support/watch.ts';
import { manifestsOf } from '../archive/files/manifest.ts';
import { dirtyDays } from '../archive/totals.ts';
import { lockDay } from '../day/lock.ts';
import { runNightly } from '../nightly/run.ts';
import { recheck } from '../reconcile/recheck.ts';
import type { BatchEngines } from '../run/engines.ts';
import { batchRuns, countedCuts, currentRuns } from '../run/ledger.ts';
import type { Step } from '../run/step.ts';
import { previewDay } from './preview.ts';
import { repairPublished } from './propagate.ts';
import { type RunRequest, rebuildDay } from './rebuild.ts';
import { rollback } from './rollback.ts';
import { openRunsQueue } from './send.ts';

const urls = engineUrls(readConfig(inject('env')));
const FIRST_DAY_MS = testDays(6);
const [COUNTED, EMPTY, KILLED, CORRUPT, NIGHT, REGION] = [0, 1, 2, 3, 4, 5].map((n) =>
  dayOf(FIRST_DAY_MS + n * DAY_MS),
) as [string, string, string, string, string, string];

/** Counts every row, as real time counts duplicates outside its window. */
function everyRow(clicks: Click[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { ad_id, click_timestamp, country } of clicks) {
    const key = `${ad_id}|${minuteOf(click_timestamp)}|${country}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((all, n) => all + n, 0);

describe('a rebuild', () => {
  const archive = new TestArchive(urls.kafka);
  let engines: BatchEngines;
  let clickhouse: BatchEngines['clickhouse'];
  let elasticsearch: BatchEngines['elasticsearch'];
  let closeAll: () => Promise<void>;

  beforeAll(async () => {
    ({ engines, close: closeAll } = await startTestArchive(archive, urls));
    ({ clickhouse, elasticsearch } = engines);
  });
  afterAll(() => closeAll());

  /** Sends clicks, and counts them in real time in place of the sink, which takes no part here. */
  async function arrive(clicks: Click[]): Promise<void> {
    await countInRealtime(clickhouse, await archive.send(clicks));
    await archive.commit(engines.sinkGroup, await archive.ends());
  }

  /**
   * Makes the indexer hold the day as if the publisher had sent its minutes, since the publisher sees only what the
   * sink has counted.
   */
  async function indexInRealtime(day: string): Promise<void> {
    const queue = await openRunsQueue(engines.admin, engines.producer, engines.topics.adMinutes);
    await queue.send({ kind: 'minutes', day, source: 'rt', rows: [[dayStartMs(day), 'batch-rt', 'USA', 1]] });
    await queue.flush();
    const index = minutesIndex('click', day, 'rt');
    await waitUntil(index, async () => ((await elasticsearch.indices.exists({ index })) ? null : 'not yet'));
  }

  /** As the nightly role has the indexer do some days after the publish. */
  async function giveUpFormerRuns(day: string): Promise<void> {
    const queue = await openRunsQueue(engines.admin, engines.producer, engines.topics.adMinutes);
    await queue.send({ kind: 'former-runs-given-up', days: [day] });
    await queue.flush();
    const index = minutesIndex('click', day, 'r1');
    await waitUntil(`${index} to go`, async () => ((await elasticsearch.indices.exists({ index })) ? 'not yet' : null));
  }

  const rebuild = (day: string, onStep?: RunRequest['onStep']) =>
    rebuildDay(engines, { day, reason: 'test', requestedBy: 'test', ...(onStep && { onStep }) });

  const inClickHouse = (day: string) => minutesInClickHouse(engines, day, 'batch-');
  const inHive = (day: string) => minutesInHive(engines, day);

  async function inElasticsearch(day: string, run: number): Promise<Record<string, number>> {
    const index = minutesIndex('click', day, runSource(run));
    const { hits } = await elasticsearch.search<MinuteRow>({ index, size: 10_000 });
    return countsOf(hits.hits.flatMap(({ _source }) => (_source ? [_source] : [])));
  }

  async function hoursInElasticsearch(day: string, run: number): Promise<Record<string, number>> {
    const index = hoursIndex('click', day, runSource(run));
    const { hits } = await elasticsearch.search<MinuteRow & { hour: number }>({ index, size: 10_000 });
    return countsOf(hits.hits.flatMap(({ _source: row }) => (row ? [{ ...row, minute: row.hour }] : [])));
  }

  async function aliasOf(day: string): Promise<string[]> {
    const index = `${minutesName('click')}-${day.replaceAll('-', '.')}-*`;
    const found = await elasticsearch.indices.getAlias({ index, name: minutesName('click'), ignore_unavailable: true });
    return Object.keys(found);
  }

  const clicks = clicksOfDay(COUNTED, 600, 'batch');
  const copies = clicks.slice(0, 30);
  const conflicts = clicks.slice(30, 40).map((click) => ({ ...click, ip: '10.9.9.9' }));
  const late = clicksOfDay(COUNTED, 50, 'batch-late');

  it('counts each click once, and all three stores answer with the run', async () => {
    await arrive([...clicks, ...copies, ...conflicts]);
    const run = await rebuild(COUNTED);
    const truth = oracle([...clicks, ...conflicts]);
    expect(run).toMatchObject({
      run: 1,
      state: 'published',
      clicks: 610,
      copies_dropped: 30,
      late_included: 0,
      conflicts: 10,
      previous_run: 0,
      change: -30,
      verdict: 'balanced',
      unexplained: 0,
    });
    expect(sum(truth)).toBe(610);
    expect(await inClickHouse(COUNTED)).toEqual(truth);
    expect(await inHive(COUNTED)).toEqual(truth);
    expect(await inElasticsearch(COUNTED, 1)).toEqual(truth);
    expect(await hoursInElasticsearch(COUNTED, 1)).toEqual(byHours(truth));
    await waitUntil('the alias', async () =>
      (await aliasOf(COUNTED)).join() === minutesIndex('click', COUNTED, 'r1') ? null : 'not yet',
    );
  });

  it('counts clicks that came after the cut in the next run', async () => {
    const dirty = async () => dirtyDays(manifestsOf(engines.archiveDir), await countedCuts(clickhouse));
    expect(await dirty()).toEqual([]);
    await arrive(late);
    await archive.archived();
    expect(await dirty()).toEqual([COUNTED]);
    const run = await rebuild(COUNTED);
    expect(run).toMatchObject({
      run: 2,
      state: 'published',
      clicks: 660,
      copies_dropped: 30,
      late_included: 50,
      previous_run: 1,
      change: 50,
    });
    expect(await inClickHouse(COUNTED)).toEqual(oracle([...clicks, ...conflicts, ...late]));
    expect((await batchRuns(clickhouse, COUNTED)).map(({ state }) => state)).toEqual(['superseded', 'published']);
    expect(await dirty()).toEqual([]);
  });

  it('is rolled back to the previous run, and then to real time', async () => {
    const request = { day: COUNTED, reason: 'test', requestedBy: 'test' };
    await expect(rollback(engines, { ...request, run: 3 })).rejects.toThrow(/has no run 3/);
    await giveUpFormerRuns(COUNTED);
    const shown = new Set<string>();
    const looking = watch(
      async () => shown.size < shown.add((await aliasOf(COUNTED)).join()).size,
      5,
      (error) => void shown.add(String(error)),
    );
    const named = { ...request, run: 2, request: 'taken-back' };
    expect(await rollback(engines, named)).toBe(1);
    await looking.stop();
    expect([...shown]).toEqual([minutesIndex('click', COUNTED, 'r2'), minutesIndex('click', COUNTED, 'r1')]);
    const truth = oracle([...clicks, ...conflicts]);
    expect(await inElasticsearch(COUNTED, 1)).toEqual(truth);
    expect(await hoursInElasticsearch(COUNTED, 1)).toEqual(byHours(truth));
    // What was killed before the request had its end is asked for again.
    expect(await rollback(engines, named)).toBe(1);
    expect(await inClickHouse(COUNTED)).toEqual(oracle([...clicks, ...conflicts]));
    expect(await inHive(COUNTED)).toEqual(oracle([...clicks, ...conflicts]));
    await indexInRealtime(COUNTED);
    await announceMinutesGone(clickhouse, [{ day: COUNTED, run: 0, month: 202101 }], Date.now());
    await expect(rollback(engines, { ...request, run: 1 })).rejects.toThrow('its minutes in real time are gone');
    await clickhouse.command({ query: `DELETE FROM ads.minutes_gone WHERE day = '${COUNTED}'` });
    expect(await rollback(engines, { ...request, run: 1 })).toBe(0);
    expect(await inClickHouse(COUNTED)).toEqual(everyRow([...clicks, ...copies, ...conflicts, ...late]));
    expect(await inHive(COUNTED)).toEqual({});
    const runs = await batchRuns(clickhouse, COUNTED);
    expect(runs.map(({ state }) => state)).toEqual(['rolled_back', 'rolled_back']);
    for (const { published_at, rolled_back_at } of runs) {
      expect(Date.parse(rolled_back_at ?? '')).toBeGreaterThanOrEqual(Date.parse(published_at ?? ''));
    }
  });

  it('exists also for a day without clicks', async () => {
    const run = await rebuild(EMPTY);
    expect(run).toMatchObject({ run: 1, state: 'published', clicks: 0, copies_dropped: 0, difference: 0 });
    expect(await inHive(EMPTY)).toEqual({});
  });

  it('can be killed after any step: resumed, it counts what was below its cut', async () => {
    const early = clicksOfDay(KILLED, 300, 'batch-kill');
    const later = clicksOfDay(KILLED, 40, 'batch-kill-later');
    await arrive([...early, ...early.slice(0, 5)]);
    const killedAfter = (last: Step) =>
      rebuild(KILLED, (step) => {
        if (step === last) throw new Error(`killed after ${step}`);
      });
    const steps: Step[] = ['begun', 'arrived', 'counted', 'loaded', 'reconciled', 'sent', 'indexed', 'published'];
    for (const step of steps) {
      await expect(killedAfter(step)).rejects.toThrow(`killed after ${step}`);
      if (step === 'begun') await arrive(later);
      expect((await currentRuns(clickhouse)).has(KILLED)).toBe(step === 'published');
    }
    expect(await inClickHouse(KILLED)).toEqual(oracle(early));
    expect(await inHive(KILLED)).toEqual({});
    await repairPublished(engines);
    expect(await inHive(KILLED)).toEqual(oracle(early));
    expect(await batchRuns(clickhouse, KILLED)).toMatchObject([{ run: 1, clicks: 300, copies_dropped: 5 }]);

    const next = await rebuild(KILLED);
    expect(next).toMatchObject({ run: 2, clicks: 340, copies_dropped: 5, late_included: 40 });
    expect(await inClickHouse(KILLED)).toEqual(oracle([...early, ...later]));
  });

  it('is compared with the run before it, even if the minutes of that are gone for their age', async () => {
    const partition = runPartition(KILLED, 2);
    await announceMinutesGone(clickhouse, [{ day: KILLED, run: 2, month: 0 }], Date.now());
    await clickhouse.command({ query: `ALTER TABLE ads.clicks_per_minute_batch DROP PARTITION ID '${partition}'` });
    await expect(recheck(engines, KILLED)).rejects.toThrow('its minutes are gone from ClickHouse');
    const compared = await previewDay(engines, { day: KILLED, reason: 'test', requestedBy: 'test' });
    expect(compared).toMatchObject({ previous_run: 2, before: 340, after: 340, ads_changed: 0, verdict: 'balanced' });
    await clickhouse.command({ query: `DELETE FROM ads.minutes_gone WHERE day = '${KILLED}'` });
  });

  it('fails naming a file that differs from its manifest, and the day stays as it was', async () => {
    const day = clicksOfDay(CORRUPT, 100, 'batch-corrupt');
    await arrive(day);
    expect(await rebuild(CORRUPT)).toMatchObject({ run: 1, clicks: 100 });
    const file = [...manifestsOf(engines.archiveDir)]
      .flatMap(({ files }) => files)
      .find((entry) => entry.day === CORRUPT);
    const path = join(engines.archiveDir, file?.path ?? '');
    const whole = readFileSync(path);
    appendFileSync(path, 'x');
    await expect(rebuild(CORRUPT)).rejects.toThrow(path);
    expect(await inClickHouse(CORRUPT)).toEqual(oracle(day));
    writeFileSync(path, whole);
    expect(await rebuild(CORRUPT)).toMatchObject({ run: 3, state: 'published', clicks: 100 });
    const states = (await batchRuns(clickhouse, CORRUPT)).map(({ state }) => state);
    expect(states).toEqual(['superseded', 'failed', 'published']);
  });

  it('is made by the nightly role for yesterday and for days with clicks that no run has counted, once', async () => {
    await arrive([...clicksOfDay(NIGHT, 20, 'batch-night'), ...clicksOfDay(CORRUPT, 10, 'batch-night')]);
    const twoInTheMorning = dayStartMs(NIGHT) + DAY_MS + 2 * HOUR_MS;
    const told: string[] = [];
    const night = await runNightly(engines, twoInTheMorning, {
      report: ({ days, published, day, step }) => told.push(`${published}/${days} ${day} ${step}`),
      betweenDays: async () => void told.push('between days'),
    });
    expect(night).toEqual({ published: [NIGHT, CORRUPT], blocked: [], failed: [] });
    expect(told).toEqual(
      expect.arrayContaining([`0/2 ${NIGHT} null`, `0/2 ${NIGHT} counted`, `1/2 ${CORRUPT} published`]),
    );
    expect(told.filter((line) => line.endsWith(' null') || line === 'between days').slice(1)).toEqual([
      `0/2 ${NIGHT} null`,
      'between days',
      `1/2 ${CORRUPT} null`,
    ]);
    expect(await batchRuns(clickhouse, NIGHT)).toMatchObject([{ run: 1, state: 'published', clicks: 20 }]);
    expect((await batchRuns(clickhouse, CORRUPT)).at(-1)).toMatchObject({ run: 4, clicks: 110, late_included: 10 });
    expect(await runNightly(engines, twoInTheMorning)).toEqual({ published: [], blocked: [], failed: [] });
  });

  it('leaves a region that is newer than its cut to the next run', async () => {
    const early = clicksOfDay(REGION, 100, 'batch-region');
    const ofRegion = clicksOfDay(REGION, 40, 'batch-region-eu');
    await arrive(early);
    const begun = rebuild(REGION, (step) => {
      throw new Error(`killed after ${step}`);
    });
    await expect(begun).rejects.toThrow('killed after begun');
    const eu = `${archive.topic}.eu`;
    await archive.createTopic(eu);
    await archive.startArchiver(`${archive.topic}-with-eu`);
    await countInRealtime(clickhouse, await archive.send(ofRegion, [], eu));
    await archive.commit(engines.sinkGroup, await archive.ends());
    await archive.archived();
    const next = await rebuild(REGION);
    expect(next).toMatchObject({ run: 2, state: 'published', clicks: 140, late_included: 40 });
    const [first] = await batchRuns(clickhouse, REGION);
    expect(first).toMatchObject({ run: 1, state: 'superseded', clicks: 100, late_included: 0 });
    expect(Object.keys(first?.cut ?? {}).filter((name) => name.startsWith(eu))).toEqual([]);
    expect(await inClickHouse(REGION)).toEqual(oracle([...early, ...ofRegion]));
  }, 300_000);

  it('counts archived clicks of a region that was removed from the settings', async () => {
    engines.topics.clicks = [archive.topic];
    expect(await rebuild(REGION)).toMatchObject({ run: 3, clicks: 140, late_included: 0 });
    engines.topics.clicks = archive.topics;
  });

  it('is refused while another process works on the day, and for a day that is not over', async () => {
    const lock = await lockDay(engines, EMPTY);
    await expect(rebuild(EMPTY)).rejects.toThrow(/being worked on/);
    lock.release();
    await expect(rebuild(dayOf(Date.now()))).rejects.toThrow(/has not ended/);
  });
});

/** Sums keys with a minute into keys with its hour. */
function byHours(minutes: Record<string, number>): Record<string, number> {
  const hours: Record<string, number> = {};
  for (const [key, clicks] of Object.entries(minutes)) {
    const [ad, minute, country] = key.split('|');
    const hour = `${ad}|${floorTo(Number(minute), HOUR_MS)}|${country}`;
    hours[hour] = (hours[hour] ?? 0) + clicks;
  }
  return hours;
}
