import { describe, expect, test } from 'vitest';
import { DAY_MS, iso } from '../time.ts';
import type { Click, RejectReason } from './click.ts';
import { parseLine } from './line.ts';

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

const NOTHING_MORE = { annotations: new Map(), leftOut: 0 };

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
    ['with an empty event id', lineOf({ id: '' }), {}],
    ['with an event id of spaces', `${SEED},  `, {}],
    ['with what looks like an annotation in the place of the id', `${SEED}, ua="x"`, { event_id: 'ua="x"' }],
    ['with a country in lower case', lineOf({ country: 'us' }), { country: 'US' }],
    ['with an IPv6 address', lineOf({ ip: '2001:DB8:0:0::1' }), { ip: '2001:db8::1' }],
    ['with names in other scripts', lineOf({ user: 'Зоя', ad: '広告' }), { user_id: 'Зоя', ad_id: '広告' }],
    ['with a field of 127 bytes', lineOf({ ad: 'a'.repeat(127) }), { ad_id: 'a'.repeat(127) }],
    ['at the beginning of 2000', lineOf({ time: '2000-01-01 00:00:00' }), { click_timestamp: Date.UTC(2000, 0, 1) }],
    ['one day in the future', lineOf({ time: iso(NOW + DAY_MS) }), { click_timestamp: NOW + DAY_MS }],
  ])('%s', (_, line, expected) => {
    expect(parse(line)).toEqual({ ok: true, kind: 'click', click: { ...SEED_CLICK, ...expected }, ...NOTHING_MORE });
  });
});

describe('a line without a valid click', () => {
  test.each<[RejectReason, string, string]>([
    ['not_a_click', 'nothing', ''],
    ['not_a_click', 'a prefix without a name', SEED.replace('AdClick', 'Ad')],
    ['not_a_click', 'a prefix of small letters', SEED.toLowerCase()],
    ['not_a_click', 'a prefix further on', ` ${SEED}`],
    ['unknown_event', 'another event', SEED.replace('AdClick', 'AdView')],
    ['unknown_event', 'another event with nothing behind it', '[AdClicksEvent]'],
    ['not_a_click', 'half a prefix', SEED.slice(3)],
    ['bad_field_count', 'the prefix only', '[AdClickEvent]'],
    ['bad_field_count', 'four fields', SEED.slice(0, SEED.lastIndexOf(','))],
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
    ['bad_country', 'a letter that becomes two in upper case', lineOf({ country: 'ß' })],
    ['bad_country', 'a ligature', lineOf({ country: 'ﬁ' })],
    ['bad_country', 'a letter that becomes another one', lineOf({ country: 'ıs' })],
    ['bad_country', 'one letter', lineOf({ country: 'U' })],
    ['bad_country', 'four letters', lineOf({ country: 'USAA' })],
    ['bad_country', 'a digit', lineOf({ country: 'U1' })],
    ['bad_country', 'a letter of another script', lineOf({ country: 'ÜK' })],
    ['bad_event_id', 'an event id of 128 bytes', lineOf({ id: 'e'.repeat(128) })],
  ])('%s: %s', (reason, _, line) => {
    expect(parse(line)).toMatchObject({ ok: false, reason });
  });
});

test.each([
  ['[AdClickEvent]', 'click'],
  ['[AdImpressionEvent]', 'impression'],
  ['[AdConversionEvent]', 'conversion'],
])('a line of %s is the %s of its fields, or tells what it would have been', (prefix, kind) => {
  const line = SEED.replace('[AdClickEvent]', prefix);
  expect(parse(line)).toEqual({ ok: true, kind, click: SEED_CLICK, ...NOTHING_MORE });
  expect(parse(line.replace('USA', 'U'))).toEqual({ ok: false, kind, reason: 'bad_country' });
  expect(parse(prefix)).toEqual({ ok: false, kind, reason: 'bad_field_count' });
});

describe('annotations', () => {
  const KIB = 'x'.repeat(1_024);
  test.each<[string, string, Record<string, string>, number]>([
    ['one', ', e1, ua="Mozilla/5.0"', { ua: 'Mozilla/5.0' }, 0],
    ['one of a line without an id', ', , ua="x"', { ua: 'x' }, 0],
    [
      'all of them',
      ', e1, ua="a", referrer="b", impression_id="c", click_id="d", purpose="e", verdict="f", value="1.50", currency="EUR"',
      {
        ua: 'a',
        referrer: 'b',
        impression_id: 'c',
        click_id: 'd',
        purpose: 'e',
        verdict: 'f',
        value: '1.50',
        currency: 'EUR',
      },
      0,
    ],
    ['commas within quotes', ', e1, ua="a, b", referrer=","', { ua: 'a, b', referrer: ',' }, 0],
    ['quotes and backslashes', String.raw`, e1, ua="a \"b\" \\", referrer="\""`, { ua: 'a "b" \\', referrer: '"' }, 0],
    ['spaces around, or none', ',e1,  ua=" a  b "  ,referrer="c"  ', { ua: 'a  b', referrer: 'c' }, 0],
    ['an empty value', ', e1, ua=""', { ua: '' }, 0],
    ['another script', ', e1, ua="広告"', { ua: '広告' }, 0],
    ['a value of the largest size', `, e1, ua="${KIB}"`, { ua: KIB }, 0],
    ['a value that is larger by a byte', `, e1, ua="${KIB}x"`, {}, 1],
    ['a value too large in bytes alone', `, e1, ua="${'é'.repeat(513)}"`, {}, 1],
    [
      'values too large together, without the one that is too much',
      `, e1, ua="${KIB.slice(2)}", referrer="abc", value="1"`,
      { ua: KIB.slice(2), value: '1' },
      1,
    ],
    ['a name twice: the first holds', ', e1, ua="a", ua="b"', { ua: 'a' }, 1],
    ['another name', ', e1, colour="red", ua="a"', { ua: 'a' }, 1],
    ['a name in capitals', ', e1, UA="a"', {}, 1],
    ['no annotation at all', ', e1, foo', {}, 1],
    ['an empty field', ', e1, , ua="a"', { ua: 'a' }, 1],
    ['a comma at the end', ', e1,', {}, 1],
    ['no quotes', ', e1, ua=a, referrer="b"', { referrer: 'b' }, 1],
    ['no name', ', e1, ="a", referrer="b"', { referrer: 'b' }, 1],
    ['a space before the value', ', e1, ua= "a", referrer="b"', { referrer: 'b' }, 1],
    ['more behind the value', ', e1, ua="a"b, referrer="c"', { referrer: 'c' }, 1],
    ['quotes that do not end', ', e1, referrer="a", ua="b, value=1', { referrer: 'a' }, 1],
    ['quotes that end with an escape', ', e1, referrer="a", ua="b\\"', { referrer: 'a' }, 1],
    ['another escape', ', e1, ua="a\\x22", referrer="b"', { referrer: 'b' }, 1],
    ['a control character', ', e1, ua="a\tb", referrer="c"', { referrer: 'c' }, 1],
  ])('%s', (_, behind, annotations, leftOut) => {
    const event_id = behind.startsWith(', ,') ? SEED_CLICK.event_id : 'e1';
    expect(parse(`${SEED}${behind}`)).toEqual({
      ok: true,
      kind: 'click',
      click: { ...SEED_CLICK, event_id },
      annotations: new Map(Object.entries(annotations)),
      leftOut,
    });
  });

  test('make no event of fields that are none', () => {
    expect(parse(`${SEED.replace('USA', 'U')}, e1, ua="a"`)).toMatchObject({ ok: false, reason: 'bad_country' });
  });
});
