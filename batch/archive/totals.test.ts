import { describe, expect, it } from 'vitest';
import type { Manifest } from './manifest.ts';
import { dirtyDays, totalsOf } from './totals.ts';

const manifest = (partition: number, from: number, to: number, days: Record<string, number> = {}): Manifest => ({
  topic: 'clicks',
  partition,
  from,
  to,
  rows: to - from,
  rejected: 0,
  arrived_from: 0,
  arrived_to: 0,
  files: Object.entries(days).map(([day, max_topic_offset]) => ({
    day,
    path: '',
    aside: '',
    rows: 1,
    bytes: 1,
    sha256: '',
    min_topic_offset: from,
    max_topic_offset,
  })),
});

describe('totalsOf', () => {
  it('adds up the chains of all partitions', () => {
    const manifests = [manifest(0, 5, 10), { ...manifest(0, 10, 14), rows: 3, rejected: 1 }, manifest(1, 0, 2)];
    expect(totalsOf(manifests)).toEqual({
      rows: 10,
      rejected: 1,
      starts: { 'clicks-0': 5, 'clicks-1': 0 },
      ends: { 'clicks-0': 14, 'clicks-1': 2 },
    });
  });

  it.each([
    ['a gap', [manifest(0, 0, 5), manifest(0, 6, 9)], /clicks-0 is broken: a manifest ends at 5 .* begins at 6/],
    ['an overlap', [manifest(0, 0, 5), manifest(0, 4, 9)], /ends at 5 .* begins at 4/],
    ['messages that are in no count', [{ ...manifest(0, 0, 5), rows: 4 }], /offsets 0 to 5 hold 4 \+ 0 messages/],
  ])('refuses %s', (_, manifests, message) => expect(() => totalsOf(manifests)).toThrow(message));

  it('is empty without manifests', () => {
    expect(totalsOf([])).toEqual({ rows: 0, rejected: 0, starts: {}, ends: {} });
  });
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
