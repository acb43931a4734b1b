import { expect, test } from 'vitest';
import { encodeClick, encodeEvent } from '../../domain/click/wire.ts';
import { judge, readRejection } from './rejection.ts';

const NOW_MS = Date.UTC(2021, 0, 10);
const SEEN_AT = '2021-01-09T12:00:00.000Z';

const click = {
  event_id: 'e1',
  ad_id: 'ad001',
  click_timestamp: Date.UTC(2021, 0, 9),
  user_id: 'user 1',
  ip: '10.0.0.1',
  country: 'USA',
};

const read = (value: unknown, key: string | null = 'web-1:gen:40') =>
  readRejection('rejected', 0, {
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
    timeMs: 1_610_193_600_000,
    offset: 7,
  });

const line = (kept: object, reason = 'bad_country') =>
  read({ reason, ...kept, host: 'web-1', file: '/logs/a.log', generation: 'gen', offset: 40, seen_at: SEEN_AT });
const message = (value: Buffer | null, reason = 'bad_message') =>
  read({
    reason,
    topic_partition: 'clicks-3',
    topic_offset: 12,
    message_base64: value?.toString('base64') ?? null,
  });

test('a line has its position, its time and, without an event id, the id that it would have had', () => {
  const rejection = line({ line: '[AdClickEvent] ad001, 2021-01-09 00:00:00, user 1, 10.0.0.1, usa' });
  expect(rejection).toMatchObject({
    key: 'web-1:gen:40',
    reason: 'bad_country',
    place: 'web-1 /logs/a.log byte 40',
    atMs: Date.parse(SEEN_AT),
  });
  expect(judge(rejection, NOW_MS)).toEqual({
    ok: true,
    event: 'click',
    click: { ...click, event_id: 'web-1:gen:40' },
    annotations: new Map(),
  });
});

test.each<[what: string, kept: object, reason: string | null, annotations?: [string, string][]]>([
  ['with an event id', { line: '[AdClickEvent] ad001, 2021-01-09 00:00:00, user 1, 10.0.0.1, USA, e1' }, null],
  ['not yet a day ahead', { line: '[AdClickEvent] ad001, 2021-01-11 00:00:00, user 1, 10.0.0.1, USA, e1' }, null],
  ['beyond that', { line: '[AdClickEvent] ad001, 2021-01-11 00:00:01, user 1, 10.0.0.1, USA' }, 'time_in_future'],
  [
    'in JSON',
    { line: '{"event":"click","ad_id":"ad001","time":1610150400000,"user_id":"u","ip":"::1","country":"us"}' },
    null,
  ],
  [
    'with annotations',
    { line: '[AdClickEvent] ad001, 2021-01-09 00:00:00, user 1, 10.0.0.1, USA, , ua="x", bad' },
    null,
    [['ua', 'x']],
  ],
  ['of another kind', { line: '[AdImpressionEvent] ad001, 2021-01-09 00:00:00, user 1, 10.0.0.1, USA' }, null],
  ['not UTF-8', { line_base64: Buffer.from([0x41, 0xff]).toString('base64') }, 'not_utf8'],
  ['a NUL byte', { line: '[AdClickEvent] ad001\0' }, 'nul_byte'],
  [
    'a truncated line that looks whole',
    { line: '[AdClickEvent] ad001, 2021-01-09 00:00:00, user 1, 10.0.0.1, USA', line_bytes: 70_000 },
    'line_too_long',
  ],
])('a line, %s', (_, kept, reason, annotations = []) => {
  const judged = judge(line(kept), NOW_MS);
  expect(judged.ok ? null : judged.reason).toBe(reason);
  expect(judged.ok ? [...judged.annotations] : []).toEqual(annotations);
});

test.each([
  ['that is a valid click', encodeClick(click), { ok: true, event: 'click', click, annotations: new Map() }],
  ['that is none of ours', Buffer.from('not ours'), { ok: false, reason: 'bad_message' }],
  [
    'that is annotated',
    encodeEvent('click', click, new Map([['ua', 'x']])),
    { ok: true, event: 'click', click, annotations: new Map([['ua', 'x']]) },
  ],
  [
    'of an impression among clicks',
    encodeEvent('impression', click, new Map()),
    { ok: true, event: 'impression', click, annotations: new Map() },
  ],
  ['without a value', null, { ok: false, reason: 'bad_message' }],
  [
    'too far ahead',
    encodeClick({ ...click, click_timestamp: NOW_MS + 86_400_001 }),
    { ok: false, reason: 'time_in_future' },
  ],
])('a message %s', (_, value, judged) => {
  const rejection = message(value);
  expect(rejection).toMatchObject({ place: 'clicks-3 offset 12', atMs: 1_610_193_600_000 });
  expect(judge(rejection, NOW_MS)).toEqual(judged);
});

test.each([['no JSON'], ['{"reason":"bad_ip"}'], ['null'], [null]])('%j is kept as unreadable', (value) => {
  const rejection = read(value, null);
  expect(rejection).toMatchObject({ key: 'rejected-0-7', reason: 'bad_message', place: 'rejected-0-7' });
  expect(judge(rejection, NOW_MS)).toEqual({ ok: false, reason: 'bad_message' });
});
