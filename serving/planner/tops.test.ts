import { expect, test } from 'vitest';
import { ALL_CLICKS } from '../../domain/filters/filter.ts';
import { DAY_MS, MINUTE_MS } from '../../domain/time.ts';
import { NO_SEARCH, type Question } from './question.ts';
import { isCurrentTop, isOfRealtime, topWindow } from './tops.ts';

const t = (text: string): number => Date.parse(`${text}Z`);
const END_MS = t('2021-01-03T10:00');
const question = (minutes: number, more: Partial<Question> = {}): Question => ({
  adId: null,
  filter: ALL_CLICKS,
  registered: null,
  asOfMs: null,
  fromMs: END_MS - minutes * MINUTE_MS,
  toMs: END_MS,
  ...more,
});

test.each<[string, Question, number | null]>([
  ['one minute', question(1), 1],
  ['five', question(5), 5],
  ['fifteen', question(15), 15],
  ['two', question(2), null],
  ['a country', question(5, { filter: { ...ALL_CLICKS, country: { in: ['USA'], not: [] } } }), null],
  ['an address', question(5, { filter: { ...ALL_CLICKS, ip: { in: ['10.0.0.1/32'], not: [] } } }), null],
  ['all but one user', question(5, { filter: { ...ALL_CLICKS, user_id: { in: null, not: ['u'] } } }), null],
  ['the ads of an advertiser', question(5, { adPrefixes: ['a'] }), null],
  ['one ad', question(5, { adId: 'a' }), null],
  ['as of a past time', question(5, { asOfMs: END_MS }), null],
])('there are top lists of 1, 5 and 15 minutes for all clicks: %s', (_, asked, window) => {
  expect(topWindow(asked)).toBe(window);
});

test.each<[string, number, number, boolean]>([
  ['the window is closed', END_MS, 0, true],
  ['its last minute is open', END_MS - MINUTE_MS, 0, false],
  ['it is a day old', END_MS + DAY_MS - MINUTE_MS, 0, true],
  ['it is older', END_MS + DAY_MS, 0, false],
  ['the publisher has confirmed it five seconds ago', END_MS, 5_000, true],
  ['it has been silent for longer', END_MS, 5_001, false],
])('a top list is valid as of the last step: %s', (_, boundaryMs, silentMs, holds) => {
  const watermarkMs = boundaryMs + 12_345;
  const clock = { nowMs: watermarkMs + 60_000 + silentMs, latenessMs: 60_000 };
  expect(isCurrentTop(question(5), { boundaryMs, watermarkMs }, clock)).toBe(holds);
});

test.each<[string, string[], string[], boolean]>([
  ['neither', [], [], true],
  ['other days are', ['2021-01-03'], ['2021-01-06'], true],
  ['its first day is published', ['2021-01-04'], [], false],
  ['its last day was given up', [], ['2021-01-05'], false],
])('for a window over midnight, no day may be published or given up: %s', (_, published, givenUp, holds) => {
  const midnightMs = t('2021-01-05T00:00');
  const asked = question(15, { fromMs: midnightMs - 5 * MINUTE_MS, toMs: midnightMs + 10 * MINUTE_MS });
  const days = new Map(published.map((date) => [date, { date, run: 1, firstRun: 1, cut: {} }]));
  const state = { published: days, givenUp: new Set(givenUp), seenFromMs: null, boundaryMs: midnightMs };
  expect(isOfRealtime(asked, state)).toBe(holds);
  expect(isOfRealtime(asked, { ...state, seenFromMs: midnightMs })).toBe(false);
});

test('nor is there a top list while the state of the indexer is not known', () => {
  expect(isOfRealtime(question(1), { published: new Map(), ...NO_SEARCH })).toBe(false);
});
