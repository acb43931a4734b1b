import { isIPv4 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalIp } from '../address/canonical.ts';
import { DAY_MS, iso } from '../time.ts';
import { type Click, isFromFuture, parseLine, type RejectReason } from './click.ts';

const NOW = Date.UTC(2026, 0, 1);
const SEED = '[AdClickEvent] ad001, 2021-01-01 00:00:01, user 1, 207.48.22.22, USA';
const SEED_CLICK: Click = {
  event_id: 'host:generation:0',
  ad_id: 'ad001',
  click_timestamp: Date.UTC(2021, 0, 1, 0, 0, 1),
  user_id: 'user 1',
  ip: '207.48.22.22',
  country: 'USA',
};

interface Fields {
  ad: string;
  time: string;
  user: string;
  ip: string;
  country: string;
  id?: string;
}

const lineOf = (changed: Partial<Fields>): string => {
  const fields = {
    ad: 'ad001',
    time: '2021-01-01 00:00:01',
    user: 'user 1',
    ip: '207.48.22.22',
    country: 'USA',
    ...changed,
  };
  return `[AdClickEvent] ${Object.values(fields).join(', ')}`;
};

const parse = (line: string) => parseLine(line, 'host:generation:0', NOW);

describe('a line with a valid click', () => {
  test.each<[string, string, Partial<Click>]>([
    ['the seed line', SEED, {}],
    ['without spaces after commas', SEED.replaceAll(', ', ','), {}],
    ['with spaces around fields, and a line end', `${SEED.replaceAll(', ', ' ,  ')} \r`, {}],
    ['with an event id', lineOf({ id: '7f3c' }), { event_id: '7f3c' }],
    ['with a country in lower case', lineOf({ country: 'us' }), { country: 'US' }],
    ['with an IPv6 address', lineOf({ ip: '2001:DB8:0:0::1' }), { ip: '2001:db8::1' }],
    ['with names in other scripts', lineOf({ user: 'Зоя', ad: '広告' }), { user_id: 'Зоя', ad_id: '広告' }],
    ['with a field of 127 bytes', lineOf({ ad: 'a'.repeat(127) }), { ad_id: 'a'.repeat(127) }],
    ['at the beginning of 2000', lineOf({ time: '2000-01-01 00:00:00' }), { click_timestamp: Date.UTC(2000, 0, 1) }],
    ['one day in the future', lineOf({ time: iso(NOW + DAY_MS) }), { click_timestamp: NOW + DAY_MS }],
  ])('%s', (_, line, expected) => {
    expect(parse(line)).toEqual({ ok: true, click: { ...SEED_CLICK, ...expected } });
  });
});

describe('a line without a valid click', () => {
  test.each<[RejectReason, string, string]>([
    ['not_a_click', 'nothing', ''],
    ['not_a_click', 'another event', SEED.replace('AdClick', 'AdView')],
    ['not_a_click', 'half a prefix', SEED.slice(3)],
    ['bad_field_count', 'the prefix only', '[AdClickEvent]'],
    ['bad_field_count', 'four fields', SEED.slice(0, SEED.lastIndexOf(','))],
    ['bad_field_count', 'seven fields', `${SEED}, id, more`],
    ['bad_ad_id', 'no ad', lineOf({ ad: ' ' })],
    ['bad_ad_id', 'an ad of 128 bytes', lineOf({ ad: 'a'.repeat(128) })],
    ['bad_ad_id', 'an ad of 128 bytes in 64 characters', lineOf({ ad: 'é'.repeat(64) })],
    ['bad_ad_id', 'a tab in the ad', lineOf({ ad: 'a\tb' })],
    ['bad_time', 'no time', lineOf({ time: '' })],
    ['bad_time', '30 February', lineOf({ time: '2021-02-30 00:00:00' })],
    ['time_before_2000', 'the last second before 2000', lineOf({ time: '1999-12-31 23:59:59.999' })],
    ['time_in_future', 'more than a day in the future', lineOf({ time: iso(NOW + DAY_MS + 1) })],
    ['bad_user_id', 'no user', lineOf({ user: '' })],
    ['bad_user_id', 'a delete character', lineOf({ user: 'a\u007fb' })],
    ['bad_ip', 'no address', lineOf({ ip: '' })],
    ['bad_ip', 'a number too large', lineOf({ ip: '207.48.22.256' })],
    ['bad_ip', 'a zone', lineOf({ ip: 'fe80::1%eth0' })],
    ['bad_country', 'no country', lineOf({ country: '' })],
    ['bad_country', 'one letter', lineOf({ country: 'U' })],
    ['bad_country', 'four letters', lineOf({ country: 'USAA' })],
    ['bad_country', 'a digit', lineOf({ country: 'U1' })],
    ['bad_country', 'a letter of another script', lineOf({ country: 'ÜK' })],
    ['bad_event_id', 'an empty event id', lineOf({ id: '' })],
    ['bad_event_id', 'an event id of 128 bytes', lineOf({ id: 'e'.repeat(128) })],
  ])('%s: %s', (reason, _, line) => {
    expect(parse(line)).toEqual({ ok: false, reason });
  });
});

test.each([
  ['1.2.3.4', '1.2.3.4'],
  ['0.0.0.0', '0.0.0.0'],
  ['255.255.255.255', '255.255.255.255'],
  ['::1', '::1'],
  ['0:0:0:0:0:0:0:1', '::1'],
  ['2001:DB8::00A1', '2001:db8::a1'],
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['::FFFF:102:304', '1.2.3.4'],
  ['256.1.1.1', ''],
  ['01.2.3.4', ''],
  ['1.2.3', ''],
  ['1.2.3.4.5', ''],
  ['1.2.3.', ''],
  ['.1.2.3', ''],
  ['1..2.3', ''],
  ['1.2.3.4 ', ''],
  ['1.2.3.-4', ''],
  ['1.2.3.0004', ''],
  ['fe80::1%eth0', ''],
  ['::g', ''],
  ['localhost', ''],
  ['', ''],
])('the address %s is spelled %s', (text, expected) => {
  expect(canonicalIp(text)).toBe(expected);
});

test.each([
  [-60_000, false],
  [0, false],
  [10 * 60_000, false],
  [10 * 60_000 + 1, true],
  [DAY_MS, true],
])('a click %i ms after its arrival is from the future: %s', (aheadMs, expected) => {
  expect(isFromFuture(NOW + aheadMs, NOW)).toBe(expected);
});

test('accepts the same IPv4 addresses as Node', () => {
  const number = fc.oneof(fc.nat(300).map(String), fc.constantFrom('', '0', '00', '01', '255', '256', 'a', '1 '));
  fc.assert(
    fc.property(fc.array(number, { minLength: 3, maxLength: 5 }), (numbers) => {
      const text = numbers.join('.');
      expect(canonicalIp(text) === text).toBe(isIPv4(text));
    }),
    { numRuns: 2_000 },
  );
});
