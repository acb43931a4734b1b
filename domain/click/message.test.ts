import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EVENT_KINDS, type EventKind } from '../event_kinds.ts';
import { NO_ANNOTATIONS } from './annotations.ts';
import type { Click } from './click.ts';
import { ARRIVED, annotations, click } from './click_samples.ts';
import { FastClickDecoder } from './fast_message.ts';
import { decodeEvent } from './message.ts';
import { encodeClick, encodeEvent, identityOf } from './wire.ts';

const kind = fc.constantFrom(...EVENT_KINDS);

test('decoding returns what was encoded, and where its identity ends', () => {
  fc.assert(
    fc.property(kind, click, annotations, (kind, sent, annotations) => {
      const value = encodeEvent(kind, sent, annotations);
      const decoded = decodeEvent(value, kind, ARRIVED);
      expect(decoded).toMatchObject({ ok: true, click: sent });
      if (!decoded.ok) return;
      expect([...decoded.annotations]).toEqual([...annotations]);
      expect(identityOf(value, 0, decoded.identityEnd)).toEqual(identityOf(encodeClick(sent)));
    }),
  );
});

describe('a message that is not a click', () => {
  const good: Click = {
    event_id: 'id',
    ad_id: 'ad',
    click_timestamp: ARRIVED,
    user_id: 'user',
    ip: '1.2.3.4',
    country: 'US',
  };
  const bytes = encodeClick(good);
  const changed = (at: number, byte: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[at] = byte;
    return copy;
  };

  test.each<[string, Buffer | null]>([
    ['a tombstone', null],
    ['nothing', Buffer.alloc(0)],
    ['an unknown version', changed(0, 7)],
    ['version 0', changed(0, 0)],
    ['annotations that are not there', changed(0, 2)],
    ['text', Buffer.from('hello')],
    ['more behind it', Buffer.concat([bytes, Buffer.from('x')])],
    ['a length beyond its end', changed(1, 120)],
    ['a length of more than a byte', changed(1, 200)],
    ['bytes that are not UTF-8', changed(2, 0xff)],
  ])('%s', (_, value) => {
    expect(decodeEvent(value, 'click', ARRIVED)).toEqual({ ok: false, reason: 'bad_message' });
  });

  test('every truncation', () => {
    const annotated = encodeEvent('click', good, new Map([['ua', 'x'.repeat(200)]]));
    for (const whole of [bytes, annotated]) {
      for (let length = 0; length < whole.length; length++) {
        expect(decodeEvent(whole.subarray(0, length), 'click', ARRIVED)).toEqual({ ok: false, reason: 'bad_message' });
      }
    }
  });

  test.each<[EventKind, EventKind]>([
    ['click', 'impression'],
    ['impression', 'conversion'],
    ['conversion', 'click'],
  ])('one of the kind %s on a topic of the kind %s', (kind, expected) => {
    for (const annotations of [NO_ANNOTATIONS, new Map([['ua', 'x']] as const)]) {
      const value = encodeEvent(kind, good, annotations);
      expect(decodeEvent(value, kind, ARRIVED)).toMatchObject({ ok: true, click: good, annotations });
      expect(decodeEvent(value, expected, ARRIVED)).toEqual({ ok: false, reason: 'wrong_event' });
      expect(new FastClickDecoder(expected).read(value, 0, value.length, ARRIVED)).toBe(false);
    }
  });

  const annotated = (...all: (number | string | Buffer)[]): Buffer => {
    const behind = all.map((one) => (typeof one === 'number' ? Buffer.of(one) : Buffer.from(one)));
    return Buffer.concat([changed(0, 2), ...behind]);
  };
  const kib = 'x'.repeat(1_024);

  test.each<[string, Buffer]>([
    ['none', annotated(0)],
    ['fewer than they say', annotated(2, 2, 'ua', 1, 'x')],
    ['more than they say', annotated(1, 2, 'ua', 1, 'x', 5, 'value', 1, '1')],
    ['more than there are names', annotated(9, 2, 'ua', 1, 'x')],
    ['a name twice', annotated(2, 2, 'ua', 1, 'x', 2, 'ua', 1, 'x')],
    ['an unknown name', annotated(1, 2, 'up', 1, 'x')],
    ['no name', annotated(1, 0, 1, 'x')],
    ['a name beyond the end', annotated(1, 2, 'u')],
    ['a name without a value', annotated(1, 2, 'ua')],
    ['a value beyond the end', annotated(1, 2, 'ua', 2, 'x')],
    ['a length cut off', annotated(1, 2, 'ua', 0x80)],
    ['a length that is longer than it need be', annotated(1, 2, 'ua', 0x81, 0, 'x')],
    ['a length of three bytes', annotated(1, 2, 'ua', 0x81, 0x81, 1, 'x')],
    ['more than they may be', annotated(1, 2, 'ua', 0x81, 8, `${kib}x`)],
    ['more than they may be together', annotated(2, 2, 'ua', 0x80, 8, kib, 5, 'value', 1, '1')],
    ['bytes that are not UTF-8', annotated(1, 2, 'ua', 1, 0xff)],
    ['half a character at the end of a value', annotated(2, 2, 'ua', 1, 0xc3, 5, 'value', 1, 0xa9)],
    ['a control character', annotated(1, 2, 'ua', 1, '\n')],
  ])('annotations that are malformed: %s', (_, value) => {
    expect(decodeEvent(value, 'click', ARRIVED)).toEqual({ ok: false, reason: 'bad_message' });
    expect(new FastClickDecoder('click').read(value, 0, value.length, ARRIVED)).toBe(false);
  });

  test.each([
    [{ ad_id: '' }, 'bad_ad_id'],
    [{ country: 'us' }, 'bad_country'],
    [{ ip: '1.2.3' }, 'bad_ip'],
    [{ click_timestamp: 0 }, 'time_before_2000'],
    [{ click_timestamp: ARRIVED * 2 }, 'time_in_future'],
  ])('fields that parsing a line would refuse: %o', (field, reason) => {
    expect(decodeEvent(encodeClick({ ...good, ...field }), 'click', ARRIVED)).toEqual({ ok: false, reason });
  });
});
