import { expect, test } from 'vitest';
import {
  amountText,
  countText,
  durationText,
  momentText,
  shareText,
  signedShareText,
  tickText,
  utcText,
  windowText,
} from './format.ts';
import type { Unit } from './zone.ts';

const ms = (iso: string): number => Date.parse(iso);

test.each([
  [countText(1_234_567), '1,234,567'],
  [countText(0), '0'],
  [countText(null), '–'],
  [shareText(0.0231), '2.31%'],
  [shareText(null), '–'],
  [signedShareText(0.123), '+12.3%'],
  [signedShareText(-0.5), '-50%'],
  [signedShareText(0), '0%'],
  [durationText(0.296), '0.296 s'],
  [durationText(90), '2 min'],
  [durationText(7_200), '2 h'],
  [durationText(864_000), '10 days'],
  [utcText(ms('2026-11-21T14:32:05.123Z')), '2026-11-21 14:32:05 UTC'],
  [momentText(ms('2026-11-21T23:32Z'), 'Europe/Berlin'), 'Sun 22 Nov 00:32'],
])('%s is %s', (text, expected) => expect(text).toBe(expected));

test.each<[string, string, Unit, string, string]>([
  ['2026-11-21T14:00Z', '2026-11-21T15:00Z', '1h', 'UTC', 'Sat 21 Nov 14:00–15:00'],
  ['2026-11-20T23:00Z', '2026-11-21T23:00Z', '1d', 'Europe/Berlin', 'Sat 21 Nov'],
  ['2026-11-16T00:00Z', '2026-11-23T00:00Z', '1w', 'UTC', 'week of Mon 16 Nov'],
  ['2026-11-01T00:00Z', '2026-12-01T00:00Z', '1mo', 'UTC', 'November 2026'],
])('the window from %s to %s by %s in %s is %s', (from, to, unit, zone, text) => {
  expect(windowText(ms(from), ms(to), unit, zone)).toBe(text);
});

test.each<[string, Unit, string]>([
  ['2026-11-21T14:00Z', '1h', '14:00'],
  ['2026-11-21T00:00Z', '1h', '21 Nov'],
  ['2026-11-21T00:00Z', '1d', '21 Nov'],
  ['2026-11-01T00:00Z', '1mo', 'Nov'],
])('the tick at %s by %s is %s', (at, unit, text) => expect(tickText(ms(at), unit, 'UTC')).toBe(text));

test.each([
  [0, 'clicks', '0 clicks'],
  [1, 'clicks', '1 click'],
  [1_204, 'clicks', '1,204 clicks'],
  [1, 'copies dropped', '1 copy dropped'],
  [2, 'copies dropped', '2 copies dropped'],
  [1, 'impressions', '1 impression'],
])('%i %s is %s', (count, plural, text) => expect(amountText(count, plural)).toBe(text));
