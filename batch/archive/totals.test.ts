import { describe, expect, it, test } from 'vitest';
import { fileEntry, manifestOf } from '../../test/support/manifests.ts';
import type { Manifest } from './files/manifest.ts';
import { addTo, dirtyDays, noTotals } from './totals.ts';

const manifest = (partition: number, from: number, to: number, days: Record<string, number> = {}): Manifest => {
  const fileOf = ([day, max_topic_offset]: [string, number]) =>
    fileEntry(day, { min_topic_offset: from, max_topic_offset });
  return manifestOf(partition, from, to, { files: Object.entries(days).map(fileOf) });
};

const totalsOf = (manifests: Manifest[]) => {
  const totals = noTotals();
  for (const each of manifests) addTo(totals, each);
  return { ...totals, chains: Object.fromEntries(totals.chains) };
};

test('totals add up the chains of all partitions, each from its first message', () => {
  const manifests = [manifest(0, 0, 10), { ...manifest(0, 10, 14), rows: 3, rejected: 1 }, manifest(1, 0, 2)];
  expect(totalsOf(manifests)).toEqual({
    rows: 15,
    rejected: 1,
    chains: { 'clicks-0': { end: 14, accounted: 14 }, 'clicks-1': { end: 2, accounted: 2 } },
  });
  expect(totalsOf([])).toEqual({ rows: 0, rejected: 0, chains: {} });
});

test.each([
  ['the first is missing', [manifest(0, 4, 9)], 5],
  ['one is missing', [manifest(0, 0, 5), manifest(0, 6, 9)], 8],
  ['two overlap', [manifest(0, 0, 5), manifest(0, 4, 9)], 10],
  ['messages are in no count', [manifest(0, 0, 5), { ...manifest(0, 5, 9), rows: 3 }], 8],
])('a chain of manifests does not account for its 9 messages when %s', (_, manifests, accounted) => {
  expect(totalsOf(manifests).chains).toEqual({ 'clicks-0': { end: 9, accounted } });
});

describe('dirtyDays', () => {
  const manifests = [
    manifest(0, 0, 10, { '2021-01-01': 9, '2021-01-02': 5 }),
    manifest(1, 0, 10, { '2021-01-01': 3 }),
    manifest(0, 10, 20, { '2021-01-02': 15 }),
  ];
  it.each([
    ['all days when none has a run', {}, ['2021-01-01', '2021-01-02']],
    ['none when every click is below its cut', { '2021-01-01': [10, 4], '2021-01-02': [16, 0] }, []],
    ['a day with a click at its cut', { '2021-01-01': [10, 3], '2021-01-02': [16, 0] }, ['2021-01-01']],
    ['a day with a later range', { '2021-01-01': [10, 4], '2021-01-02': [10, 10] }, ['2021-01-02']],
  ])('%s', (_, cuts, days) => {
    const byDay = new Map(Object.entries(cuts).map(([day, [p0, p1]]) => [day, { 'clicks-0': p0, 'clicks-1': p1 }]));
    expect(dirtyDays(manifests, byDay as Map<string, Record<string, number>>)).toEqual(days);
  });
});
