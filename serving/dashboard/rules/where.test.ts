import { expect, test } from 'vitest';
import { freeId, listOf, whereInWords, whereOf } from './where.ts';

test.each([
  ['', []],
  [' , ', []],
  ['USA, DEU', ['USA', 'DEU']],
  ['10.0.0.0/8\n::1', ['10.0.0.0/8', '::1']],
])('%j is the list %j', (text, list) => expect(listOf(text)).toEqual(list));

test.each([
  [{}, {}, 'all clicks'],
  [{ country: 'USA,DEU' }, { country: ['USA', 'DEU'] }, 'country USA or DEU'],
  [{ not_ip: '10.0.0.0/8' }, { not: { ip: ['10.0.0.0/8'] } }, 'all clicks, but not address or network 10.0.0.0/8'],
  [
    { country: 'USA', user_id: 'a', not_country: 'DEU', not_user_id: 'b' },
    { country: ['USA'], user_id: ['a'], not: { country: ['DEU'], user_id: ['b'] } },
    'country USA and user a, but not country DEU, nor user b',
  ],
])('%j is the filter %j: %s', (texts, where, words) => {
  expect(whereOf(texts as Record<string, string>)).toEqual(where);
  expect(whereInWords(where)).toBe(words);
});

test.each([
  [[0], 1],
  [[0, 1, 3], 2],
  [[], 1],
])('of %j the free number is %i', (taken, id) => expect(freeId(taken)).toBe(id));
