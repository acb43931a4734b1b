import { expect, test } from 'vitest';
import type { Rejection } from './rejection.ts';
import { Latest, Survey } from './survey.ts';
import { cut, textOf } from './text.ts';

const rejection = (n: number, reason: string, text = `line ${n}`): Rejection => ({
  key: `key ${n}`,
  reason,
  place: `web-1 a.log byte ${n}`,
  atMs: n * 1_000,
  kept: { kind: 'line', bytes: Buffer.from(text), id: `key ${n}`, isWhole: true },
});

test('counts by reason, most frequent first, whatever the order of time', () => {
  const survey = new Survey();
  survey.add(rejection(5, 'bad_ip'), false);
  survey.add(rejection(9, 'bad_time'), false);
  survey.add(rejection(3, 'bad_ip'), true);
  expect(survey.reasons).toEqual([
    {
      reason: 'bad_ip',
      count: 2,
      redriven: 1,
      first_at: '1970-01-01T00:00:03.000Z',
      last_at: '1970-01-01T00:00:05.000Z',
      example: 'web-1 a.log byte 5: line 5',
    },
    expect.objectContaining({ reason: 'bad_time', count: 1, redriven: 0 }),
  ]);
});

test('keeps the latest', () => {
  const latest = new Latest(3);
  for (let n = 0; n < 20; n++) latest.add(rejection(n, 'bad_ip'), false);
  expect(latest.all.map(({ rejection: { key } }) => key)).toEqual(['key 17', 'key 18', 'key 19']);
});

test('rejected bytes cannot send control sequences to the terminal', () => {
  expect(textOf(rejection(1, 'bad_ip', 'a\x1b[2J\tb\u202ec\x9b'))).toBe('a\\u{1b}[2J\\u{9}b\\u{202e}c\\u{9b}');
});

test.each([
  ['abcde', 5, 'abcde'],
  ['abcdef', 5, 'abcd…'],
])('%j in %i columns', (text, width, expected) => expect(cut(text, width)).toBe(expected));
