import { describe, expect, test } from 'vitest';
import { type AdMinutesMessage, decodeMessage, encodeMessage } from './ad_minutes.ts';

const day = '2021-01-01';
const row: [number, string, string, number] = [1_609_459_200_000, 'ad', 'USA', 3];

const MESSAGES: AdMinutesMessage[] = [
  { kind: 'minutes', day, source: 'rt', rows: [row] },
  { kind: 'minutes', day, source: 'r12', filter: { filterId: 7, revision: 2 }, rows: [] },
  { kind: 'closed-to', boundaryMs: 60_000, watermarkMs: -1 },
  { kind: 'closed-to', boundaryMs: 60_000, watermarkMs: 61_000, filters: { '7.2': 0 } },
  { kind: 'hours', day, run: 1, rows: [row] },
  { kind: 'run-complete', day, run: 1, documents: 1, clicks: 3 },
  { kind: 'run-complete', day, run: 1, documents: 1, clicks: 3, hours: { documents: 1, clicks: 3 } },
  { kind: 'run-current', day, run: 0, seq: 4 },
  { kind: 'realtime-given-up', days: [day] },
];

test.each(MESSAGES)('%j is read as it was written', (message) => {
  expect(decodeMessage(Buffer.from(encodeMessage(message)))).toEqual(message);
});

describe('refuses', () => {
  test.each<[string, unknown, string]>([
    ['a kind that nobody knows', { kind: 'weeks', day }, 'kind: '],
    ['a message without a day', { kind: 'minutes', source: 'rt', rows: [] }, 'day: '],
    ['a day that there is not', { ...MESSAGES[0], day: '2021-02-29' }, 'day: Invalid ISO date'],
    ['a source that is none', { ...MESSAGES[0], source: 'r' }, 'source: expected rt or r<run>'],
    ['a condition that it does not know', { ...MESSAGES[0], filtr: { filterId: 7, revision: 2 } }, '"filtr"'],
    ['half of a filter', { ...MESSAGES[0], filter: { filterId: 7 } }, 'filter.revision: '],
    ['rows that are no list', { ...MESSAGES[0], rows: 1 }, 'rows: expected a list of rows'],
    ['a row that lacks its clicks', { ...MESSAGES[0], rows: [row, row.slice(0, 3)] }, 'rows.1: expected [minuteMs'],
    ['a row with a fifth field', { ...MESSAGES[0], rows: [[...row, 1]] }, 'rows.0: '],
    ['clicks that are a text', { ...MESSAGES[0], rows: [[row[0], 'ad', 'USA', '3']] }, 'rows.0: '],
    ['clicks below zero', { ...MESSAGES[4], rows: [[row[0], 'ad', 'USA', -1]] }, 'rows.0: '],
    ['half a click', { ...MESSAGES[4], rows: [[row[0], 'ad', 'USA', 0.5]] }, 'rows.0: '],
    ['a minute that is no time', { ...MESSAGES[0], rows: [[null, 'ad', 'USA', 1]] }, 'rows.0: '],
    ['totals without clicks', { kind: 'run-complete', day, run: 1, documents: 1 }, 'clicks: '],
    ['a run without a number', { kind: 'hours', day, run: 0, rows: [] }, 'run: '],
    ['null', null, 'not a message of ad-minutes: '],
  ])('%s', (_, message, expected) => {
    const decode = () => decodeMessage(message === null ? null : Buffer.from(JSON.stringify(message)));
    expect(decode).toThrow(/^not a message of ad-minutes: /);
    expect(decode).toThrow(expected);
  });

  test('what is no JSON', () => {
    expect(() => decodeMessage(Buffer.from('{"kind":"min'))).toThrow(
      'not a message of ad-minutes: not JSON: {"kind":"min',
    );
    expect(() => decodeMessage(Buffer.alloc(0))).toThrow('not JSON');
  });
});
