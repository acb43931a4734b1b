import { appendFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { EventKind } from '../domain/event_kinds.ts';
import { clickOf, IngestSite, sentOnce, untilTrue } from '../test/support/ingest_site.ts';
import { ingestTotals, type LineTotals, noLines } from './checkpoint.ts';

const ALL: EventKind[] = ['click', 'impression', 'conversion'];
const impressionOf = (user: string): string => clickOf(user).replace('AdClick', 'AdImpression');
const conversionOf = (user: string): string => clickOf(user).replace('AdClick', 'AdConversion');
const jsonOf = (event: string, user_id: string, more: object = {}): string =>
  JSON.stringify({ event, ad_id: 'ad001', time: 1_609_459_201_000, user_id, ip: '1.2.3.4', country: 'USA', ...more });

const linesOf = (...lines: string[]): string => lines.map((line) => `${line}\n`).join('');
const topicsOf = (site: IngestSite) => Object.fromEntries(site.clicks.map(({ user_id, topic }) => [user_id, topic]));

const counterOf = async (site: IngestSite, name: string): Promise<number | undefined> =>
  (await site.metrics.getSingleMetric(`clickledger_ingest_${name}_total`)?.get())?.values[0]?.value;

function totalsOf(site: IngestSite): LineTotals {
  const totals = ingestTotals(site.dataDir);
  const { lines, clicks, impressions, conversions, rejected, skipped } = totals;
  expect(lines).toBe(clicks + impressions + conversions + rejected + skipped);
  return totals;
}

/** Lines of all kinds, on the fast path and on the slow one. */
const MIXED = linesOf(
  clickOf('c1'),
  impressionOf('i1'),
  conversionOf('v1'),
  clickOf('c é'),
  impressionOf('i é'),
  jsonOf('click', 'c2'),
  jsonOf('impression', 'i2'),
  jsonOf('conversion', 'v é'),
  impressionOf('bad').replace('USA', '4'),
  jsonOf('conversion', 'bad', { country: 4 }),
  clickOf('bad').replace('USA', '4'),
  clickOf('bad').replace('AdClick', 'AdView'),
  jsonOf('view', 'bad'),
);

describe('lines of all kinds in one file', () => {
  test('go to the topics of their kinds, in the region of the file', async () => {
    const site = new IngestSite({ kinds: ALL });
    writeFileSync(site.path('a.log'), MIXED);
    const monitor = await site.start(60_000, 'clicks.eu');
    await untilTrue(() => expect(site.rejected).toHaveLength(5));
    await monitor.stop();
    const [clicks, impressions, conversions] = ['clicks.eu', 'impressions.eu', 'conversions.eu'];
    expect(topicsOf(site)).toEqual({
      c1: clicks,
      c2: clicks,
      'c é': clicks,
      i1: impressions,
      i2: impressions,
      'i é': impressions,
      v1: conversions,
      'v é': conversions,
    });
    expect(site.rejected.map(({ reason }) => reason)).toEqual([
      'bad_country',
      'bad_country',
      'bad_country',
      'unknown_event',
      'unknown_event',
    ]);
    expect(totalsOf(site)).toEqual({ lines: 13, clicks: 3, impressions: 3, conversions: 2, rejected: 5, skipped: 0 });
    expect(await counterOf(site, 'clicks')).toBe(3);
    expect(await counterOf(site, 'impressions')).toBe(3);
    expect(await counterOf(site, 'conversions')).toBe(2);
  });

  test('are passed over and counted if their kind is not run, valid or not', async () => {
    const site = new IngestSite({ kinds: ['click', 'conversion'] });
    writeFileSync(site.path('a.log'), MIXED);
    const monitor = await site.start();
    await untilTrue(() => expect(site.rejected).toHaveLength(4));
    await monitor.stop();
    expect(Object.keys(topicsOf(site)).toSorted()).toEqual(['c é', 'c1', 'c2', 'v é', 'v1']);
    expect(totalsOf(site)).toEqual({ lines: 13, clicks: 3, impressions: 0, conversions: 2, rejected: 4, skipped: 4 });
    expect(await counterOf(site, 'skipped')).toBe(4);
  });

  test('have the position of the line as id where they bring none, whatever is passed over', async () => {
    const site = new IngestSite();
    const before = linesOf(impressionOf('i1'), jsonOf('conversion', 'v1'));
    writeFileSync(site.path('a.log'), `${before}${linesOf(jsonOf('click', 'c1'), clickOf('c2'))}`);
    const monitor = await site.start();
    await sentOnce(site, ['c1', 'c2']);
    await monitor.stop();
    const offset = before.length;
    const places = site.clicks.map(({ user_id, event_id }) => [user_id, Number(event_id.split(':')[2])]);
    expect(Object.fromEntries(places)).toEqual({ c1: offset, c2: offset + jsonOf('click', 'c1').length + 1 });
    expect(totalsOf(site)).toEqual({ ...noLines(), lines: 4, clicks: 2, skipped: 2 });
  });
});

test.each([
  ['just too long', 64 * 1024],
  ['longer than one read', 1024 * 1024],
])('a line of a kind that is not run is passed over also when it is %s, or no text', async (_, length) => {
  const site = new IngestSite();
  writeFileSync(site.path('a.log'), `${impressionOf('x'.repeat(length))}\n`);
  appendFileSync(site.path('a.log'), Buffer.from(`${impressionOf('\xe9\0')}\n`, 'latin1'));
  site.append('a.log', 'user 1');
  const monitor = await site.start();
  await sentOnce(site, ['user 1']);
  await monitor.stop();
  expect(site.rejected).toEqual([]);
  expect(totalsOf(site)).toEqual({ ...noLines(), lines: 3, clicks: 1, skipped: 2 });
});

describe('annotations', () => {
  const lines = linesOf(
    `${clickOf('fast')}, , ua="a", value="1"`,
    `${clickOf('slow é')}, , ua="\\"", up="x"`,
    jsonOf('click', 'json', { ua: 'c' }),
    `${impressionOf('impression')}, , ua="d"`,
    clickOf('none'),
  );
  const sentBy = async (site: IngestSite) => {
    writeFileSync(site.path('a.log'), lines);
    const monitor = await site.start();
    await untilTrue(() => expect(site.clicks).toHaveLength(5));
    await monitor.stop();
    return Object.fromEntries(site.clicks.map(({ user_id, annotations }) => [user_id, annotations]));
  };

  test('go with their events to topics whose readers all read them', async () => {
    const site = new IngestSite({ kinds: ALL, canAnnotate: () => true });
    expect(await sentBy(site)).toEqual({
      fast: { ua: 'a', value: '1' },
      'slow é': { ua: '"' },
      json: { ua: 'c' },
      impression: { ua: 'd' },
      none: {},
    });
    expect(await counterOf(site, 'annotations_left_out')).toBe(1);
  });

  test('are left out and counted elsewhere, and their events stand', async () => {
    const site = new IngestSite({ kinds: ALL, canAnnotate: (topic) => topic === 'impressions' });
    expect(await sentBy(site)).toEqual({ fast: {}, 'slow é': {}, json: {}, impression: { ua: 'd' }, none: {} });
    expect(await counterOf(site, 'annotations_left_out')).toBe(5);
    expect(site.distinctIds).toBe(5);
  });
});
