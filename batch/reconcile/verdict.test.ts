import { describe, expect, it } from 'vitest';
import { fileEntry, manifestOf } from '../../test/support/manifests.ts';
import type { Manifest } from '../archive/files/manifest.ts';
import { firstArrivalMs, rawOf, verdictOf } from './verdict.ts';

describe('verdictOf', () => {
  it.each([
    [0, 0, 'kept', 'balanced'],
    [1, 0, 'kept', 'blocked'],
    [5, 5, 'kept', 'tolerated'],
    [6, 5, 'kept', 'blocked'],
    [0, 5, 'kept', 'balanced'],
    [0, 0, 'gone', 'unattributable'],
    [1, 0, 'gone', 'blocked'],
    [1, 1, 'gone', 'unattributable'],
  ] as const)('%i unexplained, limit %i, raw clicks %s: %s', (unexplained, limit, raw, verdict) => {
    expect(verdictOf(unexplained, limit, raw)).toBe(verdict);
  });
});

describe('rawOf', () => {
  const kept = Date.parse('2026-02-01T00:00:00Z');
  it.each([
    ['no clicks at all', null, 0, 'kept'],
    ['from before those that are kept, but all present', kept - 1, 0, 'kept'],
    ['from before those that are kept, and some are missing', kept - 1, 1, 'gone'],
    ['missing, but to be kept: lost', kept, 7, 'kept'],
  ] as const)('%s', (_, firstMs, missing, raw) => expect(rawOf(firstMs, missing, kept)).toBe(raw));
});

describe('firstArrivalMs', () => {
  const manifest = (partition: number, arrived_from: number, day: string, min_topic_offset: number): Manifest => {
    const files = [fileEntry(day, { min_topic_offset, max_topic_offset: 99 })];
    return manifestOf(partition, 0, 100, { arrived_from, arrived_to: arrived_from, files });
  };
  const manifests = [
    manifest(0, 500, '2021-01-01', 10),
    manifest(1, 300, '2021-01-01', 10),
    manifest(2, 200, '2021-01-01', 50),
    manifest(3, 100, '2021-01-02', 10),
  ];
  it('is the earliest of the ranges that hold clicks of the day below the cut', () => {
    const cut = { 'clicks-0': 100, 'clicks-1': 100, 'clicks-2': 50, 'clicks-3': 100 };
    expect(firstArrivalMs(manifests, '2021-01-01', cut)).toBe(300);
    expect(firstArrivalMs(manifests, '2021-01-03', cut)).toBeNull();
  });
});
