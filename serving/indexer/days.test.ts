import { expect, test } from 'vitest';
import type { Source } from '../../domain/names.ts';
import { type DaysDoc, usableIndexes } from '../documents/days.ts';
import {
  admit,
  completeRun,
  giveUpRealtime,
  giveUpUnseen,
  isIndexed,
  isLost,
  letFormerRunsGo,
  markLost,
  settleRun,
} from './days.ts';

const TOTALS = { documents: 1, clicks: 1 };
const EMPTY: DaysDoc = { held: [], given_up: [] };
const NOW = Date.parse('2004-01-08T12:00:00Z');
const target = (text: string) => {
  const [day = '', source = 'rt'] = text.split('/');
  return { event: 'click' as const, day: `2004-01-0${day}`, source: source as Source };
};
/** Admits targets such as `1` (1 January, real time) or `2/r1` one after the other. */
const taken = (limit: number, ...steps: string[][]): DaysDoc =>
  steps.reduce((days, targets) => admit(days, targets.map(target), { limit, room: 9, nowMs: NOW }), EMPTY);
const heldDays = ({ held }: DaysDoc): string => held.map(({ day }) => Number(day.slice(-2))).join(' ');
const givenUp = ({ given_up }: DaysDoc): string => given_up.map((day) => Number(day.slice(-2))).join(' ');

test.each<[string, number, string[][], string, string]>([
  ['as many days as there is room for', 3, [['1'], ['2'], ['3']], '1 2 3', ''],
  ['the day written longest ago is given up', 2, [['1'], ['2'], ['1'], ['3']], '1 3', '2'],
  ['of more days than there is room for, the last written ones stay', 2, [['1', '2', '3', '4']], '3 4', '1 2'],
  ['a given-up day is not held in real time again', 1, [['1'], ['2'], ['1']], '2', '1'],
  ['but a run of it may be', 1, [['1'], ['2'], ['1/r1']], '1', '1 2'],
  ['a day and its run are one day', 2, [['1'], ['2'], ['1/r1']], '2 1', ''],
  ['a day whose run is not current yet stays', 1, [['1/r1'], ['2'], ['3']], '1', '2 3'],
])('%s', (_, limit, steps, held, gone) => {
  const days = taken(limit, ...steps);
  expect([heldDays(days), givenUp(days)]).toEqual([held, gone]);
});

test.each<[string, number, string[][], string, string]>([
  [
    'a day of the past',
    3,
    [['2004-01-07'], ['2004-01-08'], ['2004-01-09'], ['2003-05-01']],
    '2004-01-07 2004-01-08 2004-01-09',
    '2003-05-01',
  ],
  [
    'a day of the future',
    3,
    [['2004-01-07'], ['2004-01-08'], ['2004-01-09'], ['2004-01-10']],
    '2004-01-07 2004-01-08 2004-01-09',
    '2004-01-10',
  ],
  [
    'odd days that are held',
    3,
    [['2003-05-01'], ['2003-05-02'], ['2004-01-08'], ['2004-01-09'], ['2004-01-07']],
    '2004-01-08 2004-01-09 2004-01-07',
    '2003-05-01 2003-05-02',
  ],
  [
    'the run of an odd day, for which it waits',
    2,
    [['2004-01-08'], ['2004-01-09'], ['2003-05-01/r1']],
    '2004-01-08 2004-01-09 2003-05-01',
    '',
  ],
  [
    'odd days, of which those written last stay',
    2,
    [['2003-05-03'], ['2003-05-01'], ['2003-05-02']],
    '2003-05-01 2003-05-02',
    '2003-05-03',
  ],
  [
    'a day that is recent no more',
    2,
    [['2004-01-07'], ['2004-01-08'], ['2004-01-09']],
    '2004-01-08 2004-01-09',
    '2004-01-07',
  ],
])('no recent day is given up for %s', (_, limit, steps, held, gone) => {
  const days = steps.reduce((before, texts) => {
    const targets = texts.map((text) => {
      const [day = '', source = 'rt'] = text.split('/');
      return { event: 'click' as const, day, source: source as Source };
    });
    return admit(before, targets, { limit, room: 9, nowMs: NOW });
  }, EMPTY);
  expect([days.held.map(({ day }) => day).join(' '), days.given_up.join(' ')]).toEqual([held, gone]);
});

test.each<[string, number, string[], string, string]>([
  ['of new days the latest are admitted, and the others given up at once', 2, ['4', '6', '5'], '1 6 5', '4'],
  ['days that are held need no room', 0, ['1', '2/r1'], '1 2', ''],
  ['a run needs none, its day in real time does', 0, ['2/r1', '2'], '1 2', '2'],
])('%s', (_, room, targets, held, gone) => {
  const days = admit(taken(9, ['1']), targets.map(target), { limit: 9, room, nowMs: NOW });
  expect([heldDays(days), givenUp(days)]).toEqual([held, gone]);
  expect(isIndexed(days, target('2'))).toBe(false);
});

test('a replayed day is given up in real time and keeps its run, also if repeated or before it was known', () => {
  const built = completeRun(taken(9, ['1'], ['1/r2'], ['2']), '2004-01-01', 2);
  const days = giveUpRealtime(built, ['2004-01-01', '2004-01-03']);
  expect(usableIndexes('click', days)).toEqual(['ad-minutes-2004.01.01-r2', 'ad-minutes-2004.01.02-rt']);
  expect(givenUp(days)).toBe('1 3');
  expect(giveUpRealtime(days, ['2004-01-03'])).toBe(days);
  expect(isIndexed(admit(days, [target('1'), target('3')], { limit: 9, room: 9, nowMs: NOW }), target('3'))).toBe(
    false,
  );
});

test('once its run is current, a day may be given up again', () => {
  const built = settleRun(completeRun(taken(1, ['1/r2']), '2004-01-01', 2), '2004-01-01', 2);
  expect(heldDays(admit(built, [target('2')], { limit: 1, room: 9, nowMs: NOW }))).toBe('2');
});

test.each<[string, string[], number, number[]]>([
  ['a former run', ['1/r1', '1/r2'], 2, [2]],
  ['the only run stays', ['1/r1'], 1, [1]],
  ['a newer run that it was rolled back from', ['1/r1', '1/r2'], 1, [1]],
  ['all, once the day is back at real time', ['1', '1/r1'], 0, []],
])('runs that go: %s', (_, targets, current, left) => {
  const settled = settleRun(taken(9, ...targets.map((text) => [text])), '2004-01-01', 2);
  const days = letFormerRunsGo(settled, '2004-01-01', current);
  expect(days.held[0]?.runs.map(({ run }) => run)).toEqual(left);
  expect(letFormerRunsGo(days, '2004-01-01', current)).toBe(days);
});

test('a run that is being sent stays, also an older one that is gone back to', () => {
  const sent = taken(9, ['1/r2'], ['1/r3']);
  expect(letFormerRunsGo(sent, '2004-01-01', 2).held[0]?.runs.map(({ run }) => run)).toEqual([2, 3]);
  const again = admit(settleRun(taken(9, ['1/r2']), '2004-01-01', 2), [target('1/r1')], {
    limit: 9,
    room: 9,
    nowMs: NOW,
  });
  expect(letFormerRunsGo(again, '2004-01-01', 2).held[0]?.runs.map(({ run }) => run)).toEqual([2, 1]);
});

test('an older run that becomes current does not end the waiting for a newer one', () => {
  const built = settleRun(taken(1, ['1/r2']), '2004-01-01', 1);
  expect(heldDays(admit(built, [target('2')], { limit: 1, room: 9, nowMs: NOW }))).toBe('1');
});

test('nothing changes for days that were written last anyway', () => {
  const days = taken(3, ['1'], ['2'], ['3']);
  expect(admit(days, [target('3'), target('2')], { limit: 3, room: 9, nowMs: NOW })).toBe(days);
  expect(admit(days, [target('1')], { limit: 3, room: 9, nowMs: NOW })).not.toBe(days);
});

test('the hours of a run are usable once complete, with its minutes, and can be lost without the minutes', () => {
  const complete = completeRun(taken(3, ['1/r1', '2/r1']), '2004-01-01', 1, {
    minutes: TOTALS,
    hours: TOTALS,
  });
  expect(usableIndexes('click', complete)).toEqual(['ad-minutes-2004.01.01-r1', 'ad-hours-2004.01.01-r1']);
  const hours = { ...target('1/r1'), grain: 'hour' as const };
  expect([isIndexed(complete, hours), isLost(complete, hours)]).toEqual([true, true]);
  expect(usableIndexes('click', markLost(complete, hours))).toEqual(['ad-minutes-2004.01.01-r1']);
  expect(usableIndexes('click', markLost(complete, target('1/r1')))).toEqual([]);
  expect(isLost(completeRun(complete, '2004-01-02', 1), { ...hours, day: '2004-01-02' })).toBe(false);
});

test("a run's index is usable when it is complete, a real-time one at once", () => {
  const begun = taken(3, ['1', '1/r1', '2/r1']);
  expect(usableIndexes('click', begun)).toEqual(['ad-minutes-2004.01.01-rt']);
  const complete = completeRun(begun, '2004-01-02', 1);
  expect(usableIndexes('click', complete)).toEqual(['ad-minutes-2004.01.01-rt', 'ad-minutes-2004.01.02-r1']);
  expect(isIndexed(complete, target('2'))).toBe(false);
});

test('after messages that were never seen, every day that they may have had rows of is given up, known or not', () => {
  const built = completeRun(taken(9, ['1'], ['1/r2'], ['3']), '2004-01-01', 2);
  const days = giveUpUnseen(built, '2004-01-02');
  expect([usableIndexes('click', days), days.unseen_before]).toEqual([['ad-minutes-2004.01.01-r2'], '2004-01-04']);
  const later = admit(days, [target('2'), target('3'), target('4')], { limit: 9, room: 9, nowMs: NOW });
  expect([isIndexed(later, target('2')), isIndexed(later, target('3')), isIndexed(later, target('4'))]).toEqual([
    false,
    false,
    true,
  ]);
  // A clock that was set back does not bring days back.
  expect(giveUpUnseen(days, '2004-01-01').unseen_before).toBe('2004-01-04');
  expect(giveUpUnseen(later, '2004-01-01').unseen_before).toBe('2004-01-05');
});
