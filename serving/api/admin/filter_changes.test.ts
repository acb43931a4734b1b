import type { Request } from 'express';
import { expect, test } from 'vitest';
import { Problem } from '../contract/problem.ts';
import { readBody } from '../http/body.ts';
import { filterBody } from './filter_changes.ts';

const read = (body: unknown) => readBody(filterBody, { body } as Request);

test.each<[unknown, unknown]>([
  [
    { name: ' all ', where: {} },
    { name: 'all', where: {} },
  ],
  [
    { name: 'n', where: { country: ['usa', 'DE', 'USA'], not: {} } },
    { name: 'n', where: { country: ['DE', 'USA'] } },
  ],
  [
    { name: 'n', where: { not: { ip: ['10.1.2.3/8', '::FFFF:10.0.0.0/104', '1.2.3.4'] } } },
    { name: 'n', where: { not: { ip: ['1.2.3.4/32', '10.0.0.0/8'] } } },
  ],
  [
    { name: 'n', where: { user_id: [' user 1 ', 'a,b'] } },
    { name: 'n', where: { user_id: ['a,b', 'user 1'] } },
  ],
])('%j is the filter %j', (body, expected) => {
  expect(read(body)).toEqual(expected);
});

const many = Array.from({ length: 101 }, (_, i) => `user ${i}`);
test.each<[unknown, member: string, detail: RegExp]>([
  [undefined, 'body', /expected object/],
  [[], 'body', /expected object/],
  [{ where: {} }, 'name', /1 to 100 characters/],
  [{ name: ' ', where: {} }, 'name', /1 to 100 characters/],
  [{ name: 'x'.repeat(101), where: {} }, 'name', /1 to 100 characters/],
  [{ name: '\ud800', where: {} }, 'name', /1 to 100 characters/],
  [{ name: 7, where: {} }, 'name', /1 to 100 characters/],
  [{ name: 'n' }, 'where', /conditions/],
  [{ name: 'n', where: null }, 'where', /conditions/],
  [{ name: 'n', where: {}, id: 7 }, 'id', /no such member/],
  [{ name: 'n', where: { ad_id: ['a'] } }, 'where.ad_id', /no such member/],
  [{ name: 'n', where: { not: { not: {} } } }, 'where.not.not', /no such member/],
  [{ name: 'n', where: { country: 'USA' } }, 'where.country', /a list of 1 to 100/],
  [{ name: 'n', where: { country: [] } }, 'where.country', /a list of 1 to 100/],
  [{ name: 'n', where: { country: ['USA', 'D1'] } }, 'where.country.1', /2 or 3 letters/],
  [{ name: 'n', where: { ip: ['10.0.0.0/33'] } }, 'where.ip.0', /network/],
  [{ name: 'n', where: { user_id: [7] } }, 'where.user_id.0', /a user id/],
  [{ name: 'n', where: { user_id: ['a\u0000b'] } }, 'where.user_id.0', /a user id/],
  [{ name: 'n', where: { user_id: ['x'.repeat(128)] } }, 'where.user_id.0', /1 to 127 bytes/],
  [{ name: 'n', where: { user_id: many } }, 'where.user_id', /a list of 1 to 100/],
  [{ name: 'n', where: { not: { country: [] } } }, 'where.not.country', /a list of 1 to 100/],
])('%j is refused for %s', (body, parameter, detail) => {
  const refused = () => read(body);
  expect(refused).toThrow(Problem);
  expect(refused).toThrow(detail);
  expect(refused).toThrow(
    expect.objectContaining({ members: { parameters: [expect.objectContaining({ parameter })] } }),
  );
});
