import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Click } from '../../domain/click/click.ts';
import type { Reconciliation } from '../../domain/reconciliation.ts';
import { DAY_MS, dayOf, dayStartMs, HOUR_MS, iso, minuteOf } from '../../domain/time.ts';
import { rows } from '../../infra/clients/clickhouse.ts';
import { engineUrls } from '../../infra/clients/engines.ts';
import { readConfig } from '../../infra/config.ts';
import { sql } from '../../infra/sql.ts';
import { waitUntil } from '../../infra/wait.ts';
import {
  clicksOfDay,
  countInRealtime,
  type PlacedClick,
  startTestArchive,
  TestArchive,
} from '../../test/support/batch.ts';
import { collidingClicks } from '../../test/support/collision.ts';
import { testDays } from '../../test/support/days.ts';
import { runNightly } from '../nightly/run.ts';
import { acceptBlocked } from '../rebuild/accept.ts';
import { previewDay } from '../rebuild/preview.ts';
import { type RunRequest, rebuildDay } from '../rebuild/rebuild.ts';
import { daysStillBlocked } from '../run/blocked.ts';
import type { BatchEngines } from '../run/engines.ts';
import { RunBlockedError } from '../run/failure.ts';
import { batchRuns, currentRuns, publishedRuns } from '../run/ledger.ts';
import { compareDay } from './compare.ts';
import { recheck } from './recheck.ts';

const urls = engineUrls(readConfig(inject('env')));
const FIRST_DAY_MS = testDays(9);
const [EQUAL, LOST, EXPLAINED, PREVIEWED, LIMITED, GONE, LIVE, COLLIDING, COPY_ONLY] = [0, 1, 2, 3, 4, 5, 6, 7, 8].map(
  (n) => dayOf(FIRST_DAY_MS + n * DAY_MS),
) as [string, string, string, string, string, string, string, string, string];
const SHOWN_COLLISIONS = sql('clickhouse/queries/status_collisions.sql');
const REPORT = sql('clickhouse/queries/api_reconciliation.sql');

describe('a run is reconciled with real time', () => {
  const archive = new TestArchive(urls.kafka);
  let engines: BatchEngines;
  let clickhouse: BatchEngines['clickhouse'];
  let closeAll: () => Promise<void>;

  beforeAll(async () => {
    ({ engines, close: closeAll } = await startTestArchive(archive, urls));
    ({ clickhouse } = engines);
  });
  afterAll(() => closeAll());

  /** Sends clicks, and counts them in real time. */
  async function arrive(clicks: Click[]): Promise<PlacedClick[]> {
    const placed = await archive.send(clicks);
    await countInRealtime(clickhouse, placed);
    await archive.commit(engines.sinkGroup, await archive.ends());
    return placed;
  }

  const request = (day: string) => ({ day, reason: 'test', requestedBy: 'tester' });
  const rebuild = (day: string, more: Partial<RunRequest> = {}) => rebuildDay(engines, { ...request(day), ...more });
  async function reportOf(date: string): Promise<Reconciliation | undefined> {
    const [report] = await rows<Reconciliation>(clickhouse, REPORT, { date });
    return report;
  }

  /** Removes a click from real time: its raw row, and its ad's minute in the rollup. */
  async function loseInRealtime({ event_id, ad_id, click_timestamp }: Click): Promise<void> {
    const query_params = { event_id, ad_id, minute: minuteOf(click_timestamp) / 1_000 };
    for (const query of [
      'DELETE FROM ads.clicks WHERE event_id = {event_id:String}',
      `DELETE FROM ads.minutes_by_ad WHERE ad_id = {ad_id:String} AND click_minute = toDateTime({minute:UInt32}, 'UTC')`,
      `DELETE FROM ads.minutes_by_minute WHERE ad_id = {ad_id:String} AND click_minute = toDateTime({minute:UInt32}, 'UTC')`,
    ]) {
      await clickhouse.command({ query, query_params });
    }
  }

  it('and published when both agree', async () => {
    await arrive(clicksOfDay(EQUAL, 200, 'gate'));
    expect(await rebuild(EQUAL)).toMatchObject({ state: 'published', verdict: 'balanced', unexplained: 0, change: 0 });
    expect(await reportOf(EQUAL)).toMatchObject({
      run: 1,
      verdict: 'balanced',
      raw: 'kept',
      realtime: 200,
      counted: 200,
      difference: 0,
      ad_minutes: 0,
      worst_ads: [],
    });
    expect((await reportOf(EQUAL))?.rules.every(({ ok }) => ok)).toBe(true);
    const inputs = await rows<{ rows: number; manifest: string; sha256: string }>(
      clickhouse,
      'SELECT rows, manifest, sha256 FROM ads.run_inputs FINAL WHERE date = {day:Date} AND run = 1',
      { day: EQUAL },
    );
    expect(inputs.reduce((sum, file) => sum + file.rows, 0)).toBe(200);
    expect(inputs.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256))).toBe(true);
  });

  it('and blocked when real time has lost a click; an operator may accept it', async () => {
    const clicks = clicksOfDay(LOST, 100, 'gate-lost');
    await arrive(clicks);
    await loseInRealtime(clicks[13] as Click);
    await expect(rebuild(LOST)).rejects.toThrow(RunBlockedError);
    await expect(rebuild(LOST)).rejects.toThrow(
      new RegExp(`run 2 of ${LOST} is blocked.* 1 clicks are unexplained \\(1 lost.*RECONCILE_LIMIT 0.*--accept`),
    );
    expect(await reportOf(LOST)).toMatchObject({
      run: 2,
      verdict: 'blocked',
      difference: -1,
      lost: 1,
      surplus: 0,
      unexplained: 1,
      late: 0,
      copies: 0,
      worst_ads: [{ ad_id: clicks[13]?.ad_id, realtime: 0, counted: 1, difference: -1, unexplained: -1 }],
    });
    expect(await publishedRuns(clickhouse, LOST)).toEqual([]);
    expect(await daysStillBlocked(engines)).toEqual([LOST]);
    expect(await recheck(engines, LOST)).toMatchObject({ run: 2, verdict: 'blocked', unexplained: 1 });

    const night = await runNightly(engines, dayStartMs(LOST) + DAY_MS + 2 * HOUR_MS);
    expect(night).toEqual({ published: [], blocked: [LOST], failed: [] });

    const asked = { day: LOST, reason: 'known loss', requestedBy: 'boss', request: 'accept-lost' };
    const accepted = await acceptBlocked(engines, asked);
    expect(accepted).toMatchObject({
      run: 3,
      state: 'published',
      clicks: 100,
      verdict: 'blocked',
      unexplained: 1,
      requested_by: 'nightly',
      accepted_by: 'boss',
      accepted_reason: 'known loss',
    });
    expect((await batchRuns(clickhouse, LOST)).map(({ state }) => state)).toEqual(['blocked', 'blocked', 'published']);
    expect(await daysStillBlocked(engines)).toEqual([]);
    // What was killed before the request had its end is asked for again.
    expect(await acceptBlocked(engines, asked)).toEqual(accepted);
    await expect(acceptBlocked(engines, request(LOST))).rejects.toThrow(/no blocked run to accept/);
  });

  it('a killed accepted run is resumed as it is', async () => {
    const clicks = clicksOfDay(LIMITED, 50, 'gate-limit');
    await arrive(clicks);
    for (const n of [3, 4]) await loseInRealtime(clicks[n] as Click);
    await expect(rebuildDay({ ...engines, reconcileLimit: 1 }, request(LIMITED))).rejects.toThrow(/2 clicks are unex/);
    const onStep = (step: string) => {
      if (step === 'sent') throw new Error('killed');
    };
    await expect(acceptBlocked(engines, { ...request(LIMITED), onStep })).rejects.toThrow('killed');
    expect(await rebuild(LIMITED)).toMatchObject({ run: 1, state: 'published', verdict: 'blocked', unexplained: 2 });
    const within = await rebuildDay({ ...engines, reconcileLimit: 2 }, request(LIMITED));
    expect(within).toMatchObject({ run: 2, verdict: 'tolerated', unexplained: 2, change: 0 });
  });

  it('and differences are attributed: late, a duplicate outside the window, a re-driven one', async () => {
    const clicks = clicksOfDay(EXPLAINED, 60, 'gate-why');
    const placed = await arrive([...clicks, ...clicks.slice(0, 3)]);
    await expect(rebuild(EXPLAINED, { onStep: stopBehind('begun') })).rejects.toThrow('stopped after begun');
    const late = await arrive(clicksOfDay(EXPLAINED, 5, 'gate-why-late'));
    // One of the duplicates and one of the late clicks were sent by a re-drive.
    await recordRedriven([placed.at(-1) as PlacedClick, late[4] as PlacedClick]);
    await expect(rebuild(EXPLAINED, { onStep: stopBehind('followed') })).rejects.toThrow('stopped after followed');
    expect(await reportOf(EXPLAINED)).toMatchObject({
      run: 1,
      verdict: 'balanced',
      realtime: 68,
      counted: 60,
      difference: 8,
      late: 4,
      copies: 2,
      redriven: 2,
      unattributed: 0,
      unexplained: 0,
    });
    const ad = (await reportOf(EXPLAINED))?.worst_ads.find(({ ad_id }) => ad_id === late[0]?.ad_id);
    expect(ad).toMatchObject({ late: 1, unexplained: 0 });
    expect((await currentRuns(clickhouse)).get(EXPLAINED)?.run).toBe(1);
    expect(await rebuild(EXPLAINED)).toMatchObject({ run: 2, clicks: 65, change: 5, late_included: 5 });
  });

  it('and a click that real time dropped for another with its hash is explained, and counted by the run', async () => {
    const [click] = clicksOfDay(COLLIDING, 1, 'gate-collision') as [Click];
    const [one, other] = collidingClicks(click);
    await arrive(clicksOfDay(COLLIDING, 20, 'gate-collision'));
    const placed = await archive.send([one, other, other]);
    await countInRealtime(clickhouse, placed.slice(0, 1));
    await dropInRealtime(placed.slice(1));
    await archive.commit(engines.sinkGroup, await archive.ends());
    const run = await rebuild(COLLIDING);
    expect(run).toMatchObject({ state: 'published', verdict: 'balanced', clicks: 22, difference: 1, unexplained: 0 });
    expect(await reportOf(COLLIDING)).toMatchObject({
      realtime: 21,
      counted: 22,
      difference: -1,
      collision: 1,
      lost: 0,
      worst_ads: [{ ad_id: click.ad_id, difference: -1, collision: 1, unexplained: 0 }],
    });
    const shown = await rows<{ date: string; clicks: number }>(clickhouse, SHOWN_COLLISIONS);
    expect(shown).toContainEqual({ date: COLLIDING, clicks: 1 });
  });

  it('and a click of which only a copy is left is lost, and no collision', async () => {
    const clicks = clicksOfDay(COPY_ONLY, 10, 'gate-copy-only');
    await arrive(clicks);
    await dropInRealtime(await archive.send([clicks[4] as Click]));
    await archive.commit(engines.sinkGroup, await archive.ends());
    await loseInRealtime(clicks[4] as Click);
    await expect(rebuild(COPY_ONLY)).rejects.toThrow(RunBlockedError);
    expect(await reportOf(COPY_ONLY)).toMatchObject({ collision: 0, lost: 1, verdict: 'blocked' });
  });

  it('and clicks that are being inserted meanwhile are neither lost nor a surplus', async () => {
    const clicks = clicksOfDay(LIVE, 30, 'gate-live');
    await arrive(clicks);
    const { run, cut } = await rebuild(LIVE);
    const [counted, notYet] = await archive.send(clicksOfDay(LIVE, 2, 'gate-live-late'));
    await countInRealtime(clickhouse, [counted as PlacedClick]);
    const looking = compareDay(engines, { day: LIVE, run, cut, previousRun: 0 }, 'kept');
    await waitUntil('the counts to be read', async () => {
      const query = "SELECT count() AS seen FROM ads.reconciliation_minutes WHERE ad_id LIKE 'gate-live-late%'";
      const [found] = await rows<{ seen: number }>(clickhouse, query);
      return found?.seen === 0 ? 'not yet' : null;
    });
    await countInRealtime(clickhouse, [notYet as PlacedClick]);
    await archive.commit(engines.sinkGroup, await archive.ends());
    expect((await looking).totals).toMatchObject({ difference: 1, late: 1, lost: 0, surplus: 0 });
  });

  it('and a preview shows what would change, and changes nothing', async () => {
    const clicks = clicksOfDay(PREVIEWED, 70, 'gate-preview');
    await arrive([...clicks, clicks[0] as Click]);
    const inRealtime = await previewDay(engines, request(PREVIEWED));
    expect(inRealtime).toMatchObject({
      run: 1,
      previous_run: 0,
      before: 71,
      after: 70,
      ads_changed: 1,
      verdict: 'balanced',
      ads: [{ ad_id: clicks[0]?.ad_id, before: 11, after: 10, change: -1 }],
    });
    expect(await publishedRuns(clickhouse, PREVIEWED)).toEqual([]);
    const killed = previewDay(engines, { ...request(PREVIEWED), onStep: stopBehind('begun') });
    await expect(killed).rejects.toThrow('stopped after begun');
    expect(await rebuild(PREVIEWED)).toMatchObject({ run: 3, state: 'published' });
    await arrive(clicksOfDay(PREVIEWED, 2, 'gate-preview-more'));
    const ofRun = await previewDay(engines, request(PREVIEWED));
    expect(ofRun).toMatchObject({ run: 4, previous_run: 3, before: 70, after: 72, ads_changed: 2 });
    expect(await publishedRuns(clickhouse, PREVIEWED)).toEqual([3]);
    const states = (await batchRuns(clickhouse, PREVIEWED)).map(({ state }) => state);
    expect(states).toEqual(['previewed', 'published', 'previewed']);
    expect(await rebuild(PREVIEWED)).toMatchObject({ run: 5, state: 'published', clicks: 72 });
  });

  it('without raw clicks differences cannot be explained, but what the previous run had must be there', async () => {
    const clicks = clicksOfDay(GONE, 40, 'gate-gone');
    await arrive([...clicks, clicks[0] as Click]);
    const { cut } = await rebuild(GONE);
    const compared = { day: GONE, cut, previousRun: 1 };
    const unchanged = await compareDay(engines, { ...compared, run: 1 }, 'gone');
    expect(unchanged.totals).toMatchObject({ difference: 1, unattributed: 1, lost: 0, surplus: 0 });
    const shrunk = await compareDay(engines, { ...compared, run: 9 }, 'gone');
    expect(shrunk.totals).toMatchObject({ difference: 41, unattributed: 81, lost: 40, surplus: 0 });
  });

  const stopBehind = (last: string) => (step: string) => {
    if (step === last) throw new Error(`stopped after ${last}`);
  };

  /** As the sink does with what it takes for copies. */
  const dropInRealtime = (clicks: PlacedClick[]) => countInRealtime(clickhouse, clicks, 'ads.copies_dropped');

  async function recordRedriven(clicks: PlacedClick[]): Promise<void> {
    await clickhouse.insert({
      table: 'ads.redriven',
      values: clicks.map((click) => ({
        rejected_topic: `${archive.topic}-rejected`,
        rejection: click.event_id,
        state: 'sent',
        reason: 'test',
        redrive: '00000000-0000-0000-0000-000000000000',
        redriven_at: iso(Date.now()),
        ...click,
        click_timestamp: iso(click.click_timestamp),
      })),
      format: 'JSONEachRow',
    });
  }
});
