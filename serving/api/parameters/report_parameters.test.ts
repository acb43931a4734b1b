import { expect, test } from 'vitest';
import { adIdsOf } from './report_parameters.ts';

test.each<[string, string[] | null]>([
  ['ad001', ['ad001']],
  ['ad001,ad 2', ['ad001', 'ad 2']],
  ['Shoes\\, red,b', ['Shoes, red', 'b']],
  ['a\\\\,b', ['a\\', 'b']],
  ['a\\b', ['a\\b']],
  ['a\\', ['a\\']],
  ['', null],
  ['a,', null],
  [',a', null],
  ['a,,b', null],
  ['a\tb', null],
  [Array.from({ length: 100 }, (_, n) => n).join(), Array.from({ length: 100 }, (_, n) => String(n))],
  [Array.from({ length: 101 }, (_, n) => n).join(), null],
])('ad=%s names %j', (text, ids) => {
  expect(adIdsOf(text)).toEqual(ids);
});
