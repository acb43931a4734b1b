import { expect, test } from 'vitest';
import type { Receipt } from '../../../domain/receipt.ts';
import { cacheControl, etagOf, isKnown } from './cache.ts';

const receipt = (more: Partial<Receipt>): Receipt => ({
  status: 'final',
  batch: { count: 3, from: null, to: null, runs: [{ date: '2021-01-01', run: 1 }] },
  realtime: { count: 0, from: null, to: null },
  watermark: '2021-01-02T00:00:00.000Z',
  boundary: null,
  late: 0,
  sources: ['elasticsearch'],
  ...more,
});

const WARNING = { warning: 'offsets_went_back', means: 'clicks are missing', from: null, to: null };

test.each<[Receipt | null, boolean, string]>([
  [receipt({}), false, 'public, no-cache'],
  [receipt({ status: 'restated' }), false, 'public, no-cache'],
  [receipt({}), true, 'private, no-cache'],
  [receipt({ warnings: [WARNING] }), false, 'public, no-cache'],
  [receipt({ status: 'provisional' }), false, 'public, max-age=2'],
  [receipt({ status: 'not_run' }), true, 'private, max-age=2'],
  [null, true, 'no-cache'],
])('an answer may be cached: %#', (of, isPrivate, expected) => {
  expect(cacheControl(of, isPrivate)).toBe(expected);
});

const tag = (count: number, more: Partial<Receipt>, type: 'json' | 'csv' = 'json') => {
  const body = { count, receipt: receipt(more) };
  return etagOf(body, JSON.stringify(body), type);
};

test('a final answer keeps its tag when the watermark advances, a provisional one does not', () => {
  const later: Partial<Receipt> = { watermark: '2021-01-03T00:00:00.000Z', sources: ['clickhouse'] };
  expect(tag(3, later)).toBe(tag(3, {}));
  expect(tag(3, { ...later, status: 'provisional' })).not.toBe(tag(3, { status: 'provisional' }));
});

test.each<[string, string]>([
  ['the count', tag(4, {})],
  ['a late click', tag(3, { late: 1 })],
  ['a new warning', tag(3, { warnings: [WARNING] })],
  ['another run', tag(3, { status: 'restated' })],
  ['another form', tag(3, {}, 'csv')],
])('%s changes the tag', (_, other) => {
  expect(other).not.toBe(tag(3, {}));
});

test.each<[string | undefined, string | undefined, boolean]>([
  ['W/"a"', 'W/"a"', true],
  ['"a"', 'W/"a"', true],
  ['W/"b", W/"a"', 'W/"a"', true],
  ['*', 'W/"a"', true],
  ['W/"b"', 'W/"a"', false],
  ['a', 'W/"a"', false],
  [undefined, 'W/"a"', false],
  ['*', undefined, false],
])('If-None-Match: %s knows %s: %s', (header, etag, expected) => {
  expect(isKnown(header, etag)).toBe(expected);
});
