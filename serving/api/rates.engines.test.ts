import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { EVENT_KINDS, type EventKind, PLURAL } from '../../domain/event_kinds.ts';
import { ratesOf } from '../../domain/rates.ts';
import type { Receipt } from '../../domain/receipt.ts';
import { DAY_MS, dayOf, HOUR_MS, iso, MINUTE_MS, SECOND_MS } from '../../domain/time.ts';
import { dropRuns } from '../../test/support/api/drop_runs.ts';
import { adUrl, get } from '../../test/support/api/get.ts';
import { startWorld, type World } from '../../test/support/api/server.ts';
import { FIRST_MS, LAST_MS } from '../../test/support/api/world.ts';
import { testDays } from '../../test/support/days.ts';

let world: World;
let api = '';
/** A day with two runs of each kind, which count differently. */
const dayMs = testDays();
const DAY = dayOf(dayMs);
const CLICKS: Record<EventKind, [number, number]> = {
  impression: [1_000, 1_100],
  click: [30, 70],
  conversion: [3, 11],
};
let seq = 0;
beforeAll(async () => {
  world = await startWorld(inject('env'), 'rates-test', ['impression', 'conversion']);
  api = await world.serve({ now: () => Math.max(world.now, dayMs + 2 * DAY_MS) });
  for (const { event, clickhouse } of [world.stores, ...world.otherStores]) {
    const values = CLICKS[event].map((clicks, n) => {
      return { run: n + 1, ad_id: ad(), click_minute: dayMs / SECOND_MS, country: 'USA', clicks };
    });
    await clickhouse.insert({ table: 'clicks_per_minute_batch', values, format: 'JSONEachRow' });
  }
  for (const event of EVENT_KINDS) await publish(event, 1);
});
afterAll(async () => {
  for (const { clickhouse } of [world.stores, ...world.otherStores]) {
    await clickhouse.command({ query: `DELETE FROM ledger WHERE date = '${DAY}'` });
    await dropRuns(clickhouse, [DAY]);
  }
  await world.stop();
});

const ad = (): string => `${world.prefix}/published`;

/** Writes what publishing a run writes: its row of the ledger, from which answers go by it. */
async function publish(event: EventKind, run: number): Promise<void> {
  seq += 1;
  const time = iso(Date.now());
  const about = {
    date: DAY,
    seq,
    run,
    state: 'published',
    reason: 'test',
    requested_by: 'test',
    inputs: '{}',
    cut: {},
  };
  const values = [{ ...about, started_at: time, finished_at: time, recorded_at: time, clicks: CLICKS[event][run - 1] }];
  const stores = [world.stores, ...world.otherStores].find((one) => one.event === event);
  await stores?.clickhouse.insert({ table: 'ledger', values, format: 'JSONEachRow' });
}

/** The counts of the runs that receipts name. */
function countsOf(receipts: Partial<Record<EventKind, Receipt>>) {
  const counts = { impressions: 0, clicks: 0, conversions: 0 };
  for (const event of EVENT_KINDS) {
    const [named] = receipts[event]?.batch.runs ?? [];
    if (named?.date !== DAY) throw new Error(`the receipt of ${PLURAL[event]} names no run of ${DAY}`);
    counts[PLURAL[event]] = CLICKS[event][named.run - 1] ?? Number.NaN;
  }
  return counts;
}

test('while runs are published, rates are of the runs that the receipts of the same answer name', {
  timeout: 120_000,
}, async () => {
  const range = { from: DAY, to: dayOf(dayMs + DAY_MS) };
  const seen = new Set<string>();
  let isDone = false;
  const next = fc.sample(fc.tuple(fc.constantFrom(...EVENT_KINDS), fc.constantFrom(1, 2)), { numRuns: 1_000, seed: 5 });
  const publishing = (async () => {
    for (const [event, run] of next) {
      if (isDone) return;
      await publish(event, run);
    }
  })();
  const check = (what: string, receipts: Partial<Record<EventKind, Receipt>>, got: object): void => {
    const counts = countsOf(receipts);
    expect({ what, ...got }).toEqual({ what, ...counts, ...ratesOf(counts) });
    seen.add(EVENT_KINDS.map((event) => receipts[event]?.batch.runs[0]?.run).join());
  };
  const filter = { country: 'USA' };
  // All mixtures of runs are to be seen: what is published meanwhile is not under the control of who asks.
  for (let asked = 0; asked < 400 && (asked < 60 || seen.size < 6); asked++) {
    const [performance, report] = await Promise.all([
      get(adUrl(api, ad(), 'performance', { ...range, ...filter })),
      get(`${api}/v1/report?${new URLSearchParams({ by: 'ad', ...range, ...filter })}`),
    ]);
    const { impressions, clicks, conversions, ctr, cvr } = performance.body;
    const receipts = { impression: impressions.receipt, click: clicks.receipt, conversion: conversions.receipt };
    const counts = { impressions: impressions.count, clicks: clicks.count, conversions: conversions.count };
    check('performance', receipts, { ...counts, ctr, cvr });
    const { ad_id, ...row } = report.body.rows[0];
    expect(ad_id).toBe(ad());
    check('report', report.body.receipts, row);
    check('total of a report', report.body.receipts, report.body.total);
  }
  isDone = true;
  await publishing;
  expect(seen.size).toBeGreaterThanOrEqual(6);
});

const BYS = [
  'ad',
  'campaign',
  'country',
  'hour',
  'day',
  'week',
  'month',
  'ad,country',
  'day,advertiser',
  'country,hour',
];
const ZONES = ['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Chatham', 'Australia/Lord_Howe'];
const FILTERS = [{}, { country: 'USA,DEU' }, { not_country: 'USA' }, { user_id: "o'user" }, { ip: '10.0.0.0/8' }];

test('rows of all pages of a snapshot add up to its total, for any range, filter, zone and keys', {
  timeout: 300_000,
}, async () => {
  const instant = fc
    .tuple(fc.integer({ min: 0, max: (LAST_MS - FIRST_MS) / HOUR_MS }), fc.constantFrom(0, 1_000, MINUTE_MS, 90_500))
    .map(([hours, ms]) => FIRST_MS + hours * HOUR_MS + ms);
  const question = fc.record({
    range: fc.tuple(instant, instant).filter(([a, b]) => a !== b),
    by: fc.constantFrom(...BYS),
    tz: fc.constantFrom(...ZONES),
    filter: fc.constantFrom(...FILTERS),
    order: fc.constantFrom('key', '-key', '-clicks', 'ctr', '-cvr'),
    limit: fc.integer({ min: 5, max: 60 }),
  });
  let most = 0;
  await fc.assert(
    fc.asyncProperty(question, async ({ range, by, tz, filter, order, limit }) => {
      const [from = 0, to = 0] = [...range].sort((a, b) => a - b);
      const asked = { by, tz, from: iso(from), to: iso(to), order, limit: String(limit), ...filter };
      const first = await get(`${api}/v1/report?${new URLSearchParams(asked as Record<string, string>)}`);
      expect(first.status).toBe(200);
      const { snapshot, rows_in_all, total, rows } = first.body;
      const all = [...rows];
      while (all.length < rows_in_all) {
        const page = { snapshot, order, limit: String(limit), offset: String(all.length) };
        const { body } = await get(`${api}/v1/report?${new URLSearchParams(page)}`);
        expect([body.total, body.rows.length > 0]).toEqual([total, true]);
        all.push(...body.rows);
      }
      const sum = (metric: string): number => all.reduce((counted, row) => counted + row[metric], 0);
      const counts = {
        impressions: sum('impressions'),
        clicks: sum('clicks'),
        conversions: sum('conversions'),
      };
      expect({ ...counts, ...ratesOf(counts) }).toEqual(total);
      for (const event of EVENT_KINDS) {
        const { batch, realtime } = first.body.receipts[event];
        expect(batch.count + realtime.count).toBe(total[PLURAL[event]]);
      }
      const keys = all.map((row) => JSON.stringify(by.split(',').map((key) => row[key === 'ad' ? 'ad_id' : key])));
      expect(new Set(keys).size).toBe(all.length);
      most = Math.max(most, all.length / limit);
    }),
    { numRuns: 30 },
  );
  expect(most).toBeGreaterThan(1);
});
