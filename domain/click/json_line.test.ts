import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ANNOTATIONS } from './annotations.ts';
import type { Click, RejectReason } from './click.ts';
import { parseLine } from './line.ts';
import { encodeEvent, identityOf } from './wire.ts';

const NOW = Date.UTC(2026, 0, 1);
const CLICK: Click = {
  event_id: 'here',
  ad_id: 'ad001',
  click_timestamp: Date.UTC(2021, 0, 1, 0, 0, 1),
  user_id: 'user 1',
  ip: '207.48.22.22',
  country: 'USA',
};
const FIELDS = {
  event: 'click',
  ad_id: 'ad001',
  time: '2021-01-01 00:00:01',
  user_id: 'user 1',
  ip: '207.48.22.22',
  country: 'USA',
};

/** Undefined: without that field. */
const lineOf = (changed: object): string => JSON.stringify({ ...FIELDS, ...changed });
/** With more behind the fields, as it is written. */
const withMore = (more: string): string => `${lineOf({}).slice(0, -1)},${more}}`;
const parse = (line: string) => parseLine(line, 'here', NOW);

describe('a JSON line with a valid event', () => {
  test.each<[string, string, Partial<Click>]>([
    ['the fields', lineOf({}), {}],
    ['in any order, with any space', ` ${JSON.stringify(FIELDS, Object.keys(FIELDS).sort(), '\t')} \r`.trimStart(), {}],
    ['with an id', lineOf({ id: '7f3c' }), { event_id: '7f3c' }],
    ['with an id that is null', lineOf({ id: null }), {}],
    ['with an empty id', lineOf({ id: '' }), {}],
    ['with an id of spaces', lineOf({ id: '  ' }), {}],
    ['with spaces around values', lineOf({ event: ' click ', ad_id: ' ad001 ', time: ' 2021-01-01 00:00:01 ' }), {}],
    ['with a time in ISO 8601', lineOf({ time: '2021-01-01T02:00:01+02:00' }), {}],
    ['with a time in milliseconds', lineOf({ time: CLICK.click_timestamp }), {}],
    [
      'with a whole number that has a point',
      withMore('"id":""').replace('"2021-01-01 00:00:01"', '1609459201000.0'),
      {},
    ],
    ['with a country in lower case', lineOf({ country: 'us' }), { country: 'US' }],
    ['with an IPv6 address', lineOf({ ip: '2001:DB8:0:0::1' }), { ip: '2001:db8::1' }],
    ['with names in other scripts', lineOf({ user_id: 'Зоя 😀', ad_id: '広告' }), { user_id: 'Зоя 😀', ad_id: '広告' }],
    ['with escapes', lineOf({}).replace('user 1', '\\u0075ser\\u00201'), {}],
    ['with escaped names', lineOf({}).replace('"ip"', '"\\u0069p"'), {}],
    ['with a comma in a field', lineOf({ ad_id: 'a,b' }), { ad_id: 'a,b' }],
  ])('%s', (_, line, expected) => {
    const click = { ...CLICK, ...expected };
    expect(parse(line)).toEqual({ ok: true, kind: 'click', click, annotations: new Map(), leftOut: 0 });
  });

  test.each(['click', 'impression', 'conversion'])('of the kind %s', (event) => {
    expect(parse(lineOf({ event }))).toMatchObject({ ok: true, kind: event });
    expect(parse(lineOf({ event, country: 'U' }))).toEqual({ ok: false, kind: event, reason: 'bad_country' });
  });
});

describe('a JSON line without a valid event', () => {
  test.each<[RejectReason, string, string]>([
    ['bad_json', 'a brace only', '{'],
    ['bad_json', 'no end', lineOf({}).slice(0, -1)],
    ['bad_json', 'more behind it', `${lineOf({})} x`],
    ['bad_json', 'a comma at its end', withMore('"id":"x",')],
    ['bad_json', 'single quotes', lineOf({}).replaceAll('"', "'")],
    ['bad_json', 'a number with a zero in front', withMore('"value":01')],
    ['duplicate_field', 'a field twice', withMore('"ip":"207.48.22.22"')],
    ['duplicate_field', 'a field twice, once with an escape', withMore('"\\u0069p":"207.48.22.22"')],
    ['duplicate_field', 'an annotation twice', withMore('"ua":"a","ua":"b"')],
    ['duplicate_field', 'an unknown field twice', withMore('"x":[{"x":"x"}],"x":1')],
    ['duplicate_field', 'an event twice', withMore('"event":"impression"')],
    ['unknown_event', 'nothing', '{}'],
    ['unknown_event', 'a line of another program', '{"level":"info","msg":"started"}'],
    ['unknown_event', 'no event', lineOf({ event: undefined })],
    ['unknown_event', 'another event', lineOf({ event: 'view' })],
    ['unknown_event', 'an event in capitals', lineOf({ event: 'Click' })],
    ['unknown_event', 'an event that is no text', lineOf({ event: 1 })],
    ['unknown_field', 'another field', lineOf({ colour: 'red' })],
    ['unknown_field', 'a name of objects', withMore('"__proto__":{"ip":"::1"}')],
    ['unknown_field', 'a field in capitals', lineOf({ UA: 'x' })],
    ['unknown_field', 'a field with the name of text lines', lineOf({ click_timestamp: FIELDS.time })],
    ['bad_ad_id', 'no ad', lineOf({ ad_id: undefined })],
    ['bad_ad_id', 'an ad that is a number', lineOf({ ad_id: 1 })],
    ['bad_ad_id', 'half a character', withMore('"id":""').replace('ad001', '\\ud83d')],
    ['bad_ad_id', 'a NUL in the ad', lineOf({ ad_id: 'a\0b' })],
    ['bad_ad_id', 'a line end in the ad', lineOf({ ad_id: 'a\nb' })],
    ['bad_time', 'no time', lineOf({ time: undefined })],
    ['bad_time', 'no time and no ad, as in text lines', lineOf({ time: undefined, ad_id: undefined })],
    ['bad_time', 'seconds', lineOf({ time: 1_609_459_201 })],
    ['bad_time', "nginx's seconds", lineOf({ time: 1_767_225_600.123 })],
    ['bad_time', 'a part of a millisecond', lineOf({ time: CLICK.click_timestamp + 0.5 })],
    ['bad_time', 'less than the least', lineOf({ time: 99_999_999_999 })],
    ['bad_time', 'milliseconds as text', lineOf({ time: String(CLICK.click_timestamp) })],
    ['bad_time', 'a list', lineOf({ time: [FIELDS.time] })],
    ['time_before_2000', 'the least', lineOf({ time: 100_000_000_000 })],
    ['time_in_future', 'far in the future', lineOf({ time: 1e300 })],
    ['bad_user_id', 'no user', lineOf({ user_id: null })],
    ['bad_user_id', 'a user of 128 bytes', lineOf({ user_id: 'u'.repeat(128) })],
    ['bad_ip', 'no address', lineOf({ ip: undefined })],
    ['bad_ip', 'an address that is an object', lineOf({ ip: { v4: '1.2.3.4' } })],
    ['bad_country', 'no country', lineOf({ country: undefined })],
    ['bad_country', 'a truth', lineOf({ country: true })],
    ['bad_event_id', 'an id that is a number', lineOf({ id: 7 })],
    ['bad_event_id', 'an id that is false', lineOf({ id: false })],
    ['bad_event_id', 'an id of 128 bytes', lineOf({ id: 'e'.repeat(128) })],
    ['not_a_click', 'a space in front', ` ${lineOf({})}`],
    ['not_a_click', 'a list', `[${lineOf({})}]`],
  ])('%s: %s', (reason, _, line) => {
    expect(parse(line)).toMatchObject({ ok: false, reason });
  });
});

describe('annotations', () => {
  test.each<[string, string, Record<string, string>, number]>([
    ['one', '"ua":"Mozilla/5.0 \\"x\\" \\\\"', { ua: 'Mozilla/5.0 "x" \\' }, 0],
    ['trimmed', '"ua":" x "', { ua: 'x' }, 0],
    ['a value as it is written', '"value":1.50', { value: '1.50' }, 0],
    ['a value with an exponent', '"value":-1E+2', { value: '-1E+2' }, 0],
    ['a value as text', '"value":"1.50"', { value: '1.50' }, 0],
    ['a value with an escaped name', '"v\\u0061lue":1.50', { value: '1.50' }, 0],
    ['another one that is a number', '"ua":1,"currency":"EUR"', { currency: 'EUR' }, 1],
    ['one that is null', '"ua":null', {}, 1],
    ['a value that is a list', '"value":[1.50],"ua":"x"', { ua: 'x' }, 1],
    ['half a character', '"ua":"\\ud83d","referrer":"x"', { referrer: 'x' }, 1],
    ['a whole character', '"ua":"\\ud83d\\ude00"', { ua: '😀' }, 0],
    ['a control character', '"ua":"a\\u0000b"', {}, 1],
    ['too long', `"ua":"${'x'.repeat(1_025)}","value":1`, { value: '1' }, 1],
    [
      'too long together',
      `"ua":"${'x'.repeat(1_023)}","value":10,"currency":"E"`,
      { ua: 'x'.repeat(1_023), currency: 'E' },
      1,
    ],
  ])('%s', (_, more, annotations, leftOut) => {
    expect(parse(withMore(more))).toMatchObject({
      ok: true,
      annotations: new Map(Object.entries(annotations)),
      leftOut,
    });
  });
});

test('an event has the same identity and annotations as text and as JSON, whatever its fields hold', () => {
  const piece = fc.constantFrom('a', 'B', ' ', '"', '\\', 'é', '広', '😀', '\u2028', '{', '}', ':', "'", '\u00a0');
  const field = fc.string({ unit: piece, minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== '');
  const annotation = fc.tuple(fc.constantFrom(...ANNOTATIONS), fc.string({ unit: fc.oneof(piece, fc.constant(',')) }));
  const annotations = fc.uniqueArray(annotation, { selector: ([name]) => name });
  const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
  fc.assert(
    fc.property(field, field, fc.option(field), annotations, (ad_id, user_id, id, annotations) => {
      const fields = ['', FIELDS.time, user_id, FIELDS.ip, FIELDS.country, id ?? ''].slice(1);
      const items = [ad_id, ...fields, ...annotations.map(([name, value]) => `${name}=${quoted(value)}`)];
      const text = parse(`[AdClickEvent] ${items.join(', ')}`);
      const json = parse(lineOf({ ad_id, user_id, id, ...Object.fromEntries(annotations) }));
      if (!text.ok || !json.ok) throw new Error('both are valid');
      expect(json).toEqual(text);
      const [a, b] = [text, json].map(({ kind, click }) => identityOf(encodeEvent(kind, click, new Map())));
      expect(a).toEqual(b);
      expect(text.leftOut).toBe(0);
    }),
    { numRuns: 1_000 },
  );
});
