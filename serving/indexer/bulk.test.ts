import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linesOf } from './bulk.ts';
import { BulkBody } from './bulk_body.ts';

/** Two lines, each with its line end. */
const parsed = (lines: string): unknown[] => {
  const [action = '', document = '', ...rest] = lines.split('\n');
  expect(rest).toEqual(['']);
  return [JSON.parse(action), JSON.parse(document)];
};

test('a real-time row is a document with its count as the version', () => {
  const lines = linesOf({ event: 'click', day: '2026-07-01', source: 'rt' })([60_000, 'ad1', 'USA', 7]);
  expect(parsed(lines)).toEqual([
    { index: { _index: 'ad-minutes-2026.07.01-rt', _id: '60000:0:USA:ad1', version: 7, version_type: 'external_gte' } },
    { minute: 60_000, ad_id: 'ad1', country: 'USA', filter_id: 0, clicks: 7 },
  ]);
});

test('a row of a run has no version; of a filter, its id and revision; of an hour, the hour', () => {
  const filter = { filterId: 3, revision: 2 };
  const lines = linesOf({ event: 'click', day: '2026-07-01', source: 'r1', grain: 'hour', filter })([
    3_600_000,
    'ad1',
    'USA',
    7,
  ]);
  const [action, document] = parsed(lines);
  expect(action).toEqual({ index: { _index: 'ad-hours-2026.07.01-r1', _id: '3600000:3.2:USA:ad1' } });
  expect(document).toEqual({
    hour: 3_600_000,
    ad_id: 'ad1',
    country: 'USA',
    clicks: 7,
    filter_id: 3,
    filter_revision: 2,
  });
});

test('any ad and country are encoded correctly in two lines', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), fc.nat(), (ad_id, country, clicks) => {
      const [action, document] = parsed(
        linesOf({ event: 'click', day: '2026-07-01', source: 'rt' })([0, ad_id, country, clicks]),
      );
      expect(action).toMatchObject({ index: { _id: `0:0:${country}:${ad_id}` } });
      expect(document).toMatchObject({ ad_id, country, clicks });
    }),
  );
});

test('a body holds the bytes of everything added since it was emptied, however much', () => {
  const body = new BulkBody();
  const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant('é'.repeat(700_000)));
  fc.assert(
    fc.property(fc.array(text, { maxLength: 6 }), (all) => {
      for (const lines of all) body.add(lines);
      expect(body.documents).toBe(all.length);
      expect(body.bytes.equals(Buffer.from(all.join('')))).toBe(true);
      body.emptied();
      expect([body.documents, body.bytes.length]).toEqual([0, 0]);
    }),
  );
});
