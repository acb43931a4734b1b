import { expect, test } from 'vitest';
import { z } from 'zod';
import { ParseError, parsed, parsedJson } from './parse.ts';

const schema = z.object({ day: z.iso.date(), rows: z.array(z.object({ clicks: z.int().min(0) })) });
const right = { day: '2021-01-01', rows: [{ clicks: 1 }] };

test('what the schema says is what is there', () => {
  expect(parsed(schema, right, 'a file')).toEqual(right);
  expect(parsedJson(schema, JSON.stringify(right), 'a file')).toEqual(right);
});

test.each<[unknown, string]>([
  [{ ...right, day: '2021-02-30' }, 'a file: day: Invalid ISO date, got "2021-02-30"'],
  [
    { ...right, rows: [{ clicks: 1 }, { clicks: '1' }] },
    'a file: rows.1.clicks: Invalid input: expected number, received string, got "1"',
  ],
  [{ rows: [] }, 'a file: day: Invalid input: expected string, received undefined, got nothing'],
  [[], 'a file: Invalid input: expected object, received array, got []'],
  [null, 'a file: Invalid input: expected object, received null, got null'],
])('of %j the message names place, expectation and value', (value, message) => {
  expect(() => parsed(schema, value, 'a file')).toThrow(new ParseError(message));
});

test('a message is short, however much is wrong', () => {
  const rows = Array.from({ length: 1_000 }, () => ({ clicks: 'x'.repeat(10_000) }));
  const error = (() => {
    try {
      return parsed(schema, { ...right, rows }, 'a file');
    } catch (thrown) {
      return String(thrown);
    }
  })();
  expect(error).toMatch(/; and 997 more$/);
  expect(String(error).length).toBeLessThan(1_000);
});

test('what is no JSON is said to be none', () => {
  expect(() => parsedJson(schema, '{"day":', 'a file')).toThrow(new ParseError('a file: not JSON: {"day":'));
});
